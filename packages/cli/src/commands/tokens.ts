import { AirfleetConnectionError, type Client, type ItemOf } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { toSecondsText } from "../output/instant-text.ts";
import type { Column } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { collect, parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import type { Session } from "../session/session.ts";
import { addConfigurationOptions } from "../program/configuration-options.ts";
import { type ConfigurationOptions, toConfigurationSource } from "../session/configuration-source.ts";

type Token = ItemOf<"listTokens">;
type NewToken = Awaited<ReturnType<Client["createToken"]>>;

const toState = (row: Token): string => {
  if (row.revoked_at !== null) return "revoked";
  return row.expires_at !== null && Date.parse(row.expires_at) <= Date.now() ? "expired" : "valid";
};

const columns: readonly Column<Token>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "NAME", text: (row) => row.name },
  { header: "ROLE", text: (row) => row.role },
  { header: "INSTANCES", text: (row) => row.instances.join(",") },
  { header: "STATE", text: toState, tone: (row) => (toState(row) === "valid" ? "good" : "faint") },
  { header: "EXPIRES", text: (row) => toSecondsText(row.expires_at) },
  { header: "LAST USED", text: (row) => toSecondsText(row.last_used_at) },
  { header: "CREATED", text: (row) => toSecondsText(row.created_at), isWide: true },
];

const list = act(async ({ session }) => {
  const rows = await Array.fromAsync(session.client.items("listTokens", {}));
  const whenEmpty = "Make one with: airfleet tokens create --help";
  await session.output.list({ columns, rows, nameOf: (row) => row.id, whenEmpty });
});

interface CreateOptions extends ConfigurationOptions {
  readonly role: "viewer" | "operator" | "deployer" | "admin";
  readonly instances?: readonly string[];
  readonly days: number;
  readonly local?: boolean;
}

const createLocally = async (name: string, options: CreateOptions): Promise<NewToken> => {
  const { createTokenInStore } = await import("@airfleet/server/local");
  const { role, instances, days } = options;
  const request = { name, role, instances: [...(instances ?? ["*"])], expiresInDays: days };
  return createTokenInStore(request, toConfigurationSource(options));
};

/** Through the API; on a machine without a running server straight in its store, so that there can be a first token. */
const createAnywhere = async (session: Session, name: string, options: CreateOptions): Promise<NewToken> => {
  const { role, instances, days } = options;
  if (options.local === true) return createLocally(name, options);
  try {
    return await session.client.createToken({
      body: { name, role, expires_in_days: days, ...(instances !== undefined && { instances: [...instances] }) },
    });
  } catch (error) {
    const isNobodyThere = error instanceof AirfleetConnectionError && error.code === "SERVER_UNREACHABLE";
    if (!isNobodyThere || session.isServerGiven) throw error;
    session.output.note("No server answers, so the token is made in the store of this directory.");
    return createLocally(name, options);
  }
};

const create = act<CreateOptions>(async ({ session, options, args: [name = ""] }) => {
  const made = await createAnywhere(session, name, options);
  await session.output.show(
    made,
    [
      { header: "TOKEN", text: (it) => it.token },
      { header: "ID", text: (it) => it.id },
      { header: "NAME", text: (it) => it.name },
      { header: "ROLE", text: (it) => it.role },
      { header: "INSTANCES", text: (it) => it.instances.join(",") },
      { header: "EXPIRES", text: (it) => toSecondsText(it.expires_at) },
    ],
    made.token,
  );
  session.output.note("The token is shown this once. Use it as AIRFLEET_TOKEN, or Authorization: Bearer.");
});

const revoke = act(async ({ session, args: [token = ""] }) => {
  await session.client.revokeToken({ params: { token } });
  session.output.note(`Revoked ${token}.`);
});

/** `airfleet tokens …` */
export const addTokenCommands = (program: Command): void => {
  const noun = addNoun(program, "tokens", "API tokens");
  noun
    .command("list")
    .description("List tokens, without their secrets")
    .addHelpText("after", examples("tokens list"))
    .action(list);
  const command = noun
    .command("create <name>")
    .description("Create a token; -o name prints nothing but the token")
    .addOption(
      new Option("--role <role>", "what it may do")
        .choices(["viewer", "operator", "deployer", "admin"])
        .default("viewer"),
    )
    .option("--instances <globs>", "instances it may touch, * stands for any text (default: *)", collect)
    .option("--days <n>", "days until it expires", parseWhole(1, 3_650), 90)
    .option("--local", "make it in the store, without asking a server")
    .addHelpText(
      "after",
      examples(
        "tokens create nightly --role operator --instances 'eu-*' --days 30",
        "tokens create first --role admin --local -o name",
      ),
    )
    .action(create);
  addConfigurationOptions(command);
  noun
    .command("revoke <id>")
    .description("Revoke a token at once")
    .addHelpText("after", examples("tokens revoke tk_01"))
    .action(revoke);
};
