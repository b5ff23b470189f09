import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { AirfleetApiError, type CallInput, type Client } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { CliFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { examples } from "../program/noun.ts";
import { parseSeconds } from "../program/parse-options.ts";
import {
  describeSetup,
  SENDER_FORMATS,
  senderEnvironment,
  type SenderFormat,
  SETUP_STYLES,
  type SetupStyle,
} from "../report-keys/airflow-setup.ts";
import {
  makeReportKey,
  REPORT_ALGORITHMS,
  type ReportAlgorithm,
  type ReportKey,
  type SourceKey,
} from "../report-keys/make-report-key.ts";
import { writeKeyFile } from "../report-keys/write-key-file.ts";
import { act } from "../session/act.ts";
import { chooseServerUrl } from "../session/server-address.ts";

type SourceBody = NonNullable<CallInput<"putReportSource">["body"]>;
type Source = Awaited<ReturnType<Client["getReportSource"]>>;

interface KeygenOptions {
  readonly algorithm: ReportAlgorithm;
  readonly keyFile: string;
}

interface ConnectOptions {
  readonly algorithm?: ReportAlgorithm;
  readonly format: SenderFormat;
  readonly print?: SetupStyle;
  readonly keyFile?: string;
  readonly rotate?: boolean;
  readonly overlap: number;
  readonly url?: string;
}

const keygen = act<KeygenOptions>(async ({ session: { output }, options: { algorithm, keyFile } }) => {
  const { senderText, publicText } = makeReportKey(algorithm);
  const file = writeKeyFile(keyFile, senderText);
  if (output.format === "json" || output.format === "yaml") {
    await output.show({ algorithm, key_file: file, public_key: publicText }, [], file);
    return;
  }
  if (publicText !== null) output.text(publicText);
  output.note(
    publicText === null
      ? `The shared secret is in ${file}, and nowhere else: give it to the sender, and to the server as "secret" of the report source.`
      : `The private key is in ${file}, and nowhere else. The server gets the public one, as "public_key" of the report source.`,
  );
});

const findSource = async (client: Client, instance: string): Promise<Source | undefined> => {
  try {
    return await client.getReportSource({ params: { instance } });
  } catch (error) {
    if (error instanceof AirfleetApiError && error.code === "DOCUMENT_UNKNOWN") return undefined;
    throw error;
  }
};

/** A key as it is given back, with an end; a secret stays with the server. */
const toSourceKey = (key: Source["keys"][number], until: number): SourceKey => {
  const { key_id, algorithm, public_key, not_before, not_after } = key;
  const ends = Math.min(until, not_after === null ? Number.POSITIVE_INFINITY : Date.parse(not_after));
  const validity = { not_after: new Date(ends).toISOString(), ...(not_before !== null && { not_before }) };
  // The view knows algorithms as text; the server, which gave them, takes them back.
  return (
    public_key === null
      ? { type: "secret", key_id, algorithm, ...validity }
      : { type: "public", key_id, algorithm, public_key, ...validity }
  ) as SourceKey;
};

/** The source with one key more; those that it has end together, and those that have ended are left out. */
const withKey = (source: Source | undefined, key: SourceKey, overlapSeconds: number): SourceBody => {
  if (source === undefined) return { keys: [key] };
  const now = Date.now();
  const still = source.keys.filter(({ not_after }) => not_after === null || Date.parse(not_after) > now);
  const { jwks, bare_paths, time_zone, enabled } = source;
  return {
    keys: [...still.map((one) => toSourceKey(one, now + overlapSeconds * 1_000)), key],
    ...(jwks !== null && { jwks: { url: jwks.url, algorithms: jwks.algorithms } as NonNullable<SourceBody["jwks"]> }),
    bare_paths,
    time_zone,
    enabled,
  };
};

const newKeyId = (): string => `${new Date().toISOString().slice(0, 10)}-${randomBytes(2).toString("hex")}`;

const refuseSecond = (instance: string): CliFailure =>
  new CliFailure({
    code: "REPORT_SOURCE_CONNECTED",
    message: `"${instance}" has a key already.`,
    exitCode: EXIT.conflict,
    fix: `To change it without a gap: airfleet reports connect ${instance} --rotate`,
  });

const register = async (
  client: Client,
  instance: string,
  { key, keyId, options }: { readonly key: ReportKey; readonly keyId: string; readonly options: ConnectOptions },
): Promise<void> => {
  const source = await findSource(client, instance);
  if (source !== undefined && source.keys.length > 0 && options.rotate !== true) throw refuseSecond(instance);
  const body = withKey(source, key.verification(keyId), options.overlap);
  const terms = source === undefined ? {} : { ifMatch: source.version };
  await client.putReportSource({ params: { instance }, body }, terms);
};

const connect = act<ConnectOptions>(async ({ session, options, args: [instance = ""] }) => {
  const { client, output } = session;
  const { format } = options;
  // What the oldest senders sign with; ours is as strong with less.
  const algorithm = options.algorithm ?? (format === "native" ? "ES256" : "RS256");
  const key = makeReportKey(algorithm, format !== "native");
  const keyId = newKeyId();
  const file = options.keyFile ?? `airfleet-report-${instance.replaceAll(/[^\w.-]/g, "_")}-${keyId}.pem`;
  const keyFile = writeKeyFile(file, key.senderText);
  try {
    await register(client, instance, { key, keyId, options });
  } catch (error) {
    // Nobody knows of it: a key without a use would only lie about.
    rmSync(keyFile, { force: true });
    throw error;
  }
  const server = chooseServerUrl(options.url ?? session.options.server, process.env);
  const terms = { instance, server, format, algorithm, keyId, keyFile };
  if (output.format === "json" || output.format === "yaml") {
    const environment = senderEnvironment(terms);
    await output.show({ instance, key_id: keyId, algorithm, format, key_file: keyFile, environment }, [], keyId);
    return;
  }
  output.text(describeSetup(options.print ?? (format === "native" ? "env" : "variables"), terms));
  output.note(`Reports of ${instance} are taken when they are signed with the key ${keyId}; it is in ${keyFile}.`);
  if (/^(localhost|127\.|\[::1\])/.test(server.hostname)) {
    output.note(
      `${server.origin} is this machine. If Airflow runs elsewhere, say with --url how it reaches the server.`,
    );
  }
});

const algorithmOption = (): Option =>
  new Option("--algorithm <algorithm>", "what to sign with").choices([...REPORT_ALGORITHMS]);

/** `airfleet reports keygen`, `airfleet reports connect` */
export const addReportKeyCommands = (noun: Command): void => {
  noun
    .command("connect <instance>")
    .description(
      "Let an Airflow report by itself: makes a key, registers its public half, and prints what to do on Airflow's side",
    )
    .addOption(algorithmOption())
    .addOption(
      new Option("--format <format>", "what is sent: ours, or cwl-airflow's (younger, older)")
        .choices([...SENDER_FORMATS])
        .default("native"),
    )
    .addOption(
      new Option("--print <style>", "how Airflow is told (default: env; variables for the older formats)").choices([
        ...SETUP_STYLES,
      ]),
    )
    .option("--key-file <file>", "where to put the private key (default: a new file in this directory)")
    .option("--url <url>", "how Airflow reaches this server, when not as this command does")
    .option("--rotate", "add a key to those that there are, and give them an end")
    .option("--overlap <time>", "how long the present keys go on being good, such as 30m or 24h", parseSeconds, 86_400)
    .addHelpText(
      "after",
      examples(
        "reports connect eu-1",
        "reports connect eu-1 --print helm --url https://airfleet.example.org",
        "reports connect eu-1 --format g1",
        "reports connect eu-1 --rotate --overlap 1h",
      ),
    )
    .action(connect);
  noun
    .command("keygen")
    .description("Make a key to sign reports with: the private half into a file, the public one to stdout")
    .addOption(algorithmOption().default("ES256"))
    .option("--key-file <file>", "where to put the private key", "airfleet-report.pem")
    .addHelpText(
      "after",
      examples("reports keygen > public.pem", "reports keygen --algorithm RS256 --key-file rsa.pem"),
    )
    .action(keygen);
};
