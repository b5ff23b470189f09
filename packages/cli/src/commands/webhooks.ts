import type { CallInput, Client, ItemOf } from "@airfleet/sdk";
import { type Command, Option } from "commander";
import { EXIT } from "../failure/exit-codes.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addPutCommand, addRemoveCommand } from "../program/definition-commands.ts";
import { addNoun, examples } from "../program/noun.ts";
import { parseWhole } from "../program/parse-options.ts";
import { act } from "../session/act.ts";
import { readDocument } from "../session/read-document.ts";
import type { Session } from "../session/session.ts";

type WebhookStatus = ItemOf<"listWebhooks">;
type Webhook = Omit<WebhookStatus, "deliveries_pending" | "deliveries_dead" | "oldest_pending_at">;
type Delivery = ItemOf<"listDeliveries">;
type DeliveryDetail = Awaited<ReturnType<Client["getDelivery"]>>;
type NewWebhook = CallInput<"createWebhook">["body"];
type WebhookBody = CallInput<"putWebhook">["body"];

const stateOf = ({ enabled, disabled }: Pick<Webhook, "enabled" | "disabled">): string =>
  disabled !== null ? "ended by receiver" : enabled ? "on" : "off";

const columns: readonly Column<Webhook>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "STATE", text: stateOf, tone: (row) => (stateOf(row) === "on" ? "good" : "warning") },
  { header: "EVENTS", text: (row) => row.events.join(",") },
  { header: "INSTANCES", text: (row) => row.instances.join(",") },
  { header: "URL", text: (row) => row.url },
  { header: "DAGS", text: (row) => row.dag_ids.join(",") || "*", isWide: true },
  { header: "STATES", text: (row) => row.states.join(",") || "*", isWide: true },
  { header: "WORDS", text: (row) => row.state_words, isWide: true },
];

const listColumns: readonly Column<WebhookStatus>[] = [
  ...columns.slice(0, 2),
  { header: "PENDING", text: (row) => row.deliveries_pending, alignRight: true },
  {
    header: "DEAD",
    text: (row) => row.deliveries_dead,
    alignRight: true,
    tone: (row) => (row.deliveries_dead > 0 ? "bad" : "plain"),
  },
  ...columns.slice(2),
];

const list = act(async ({ session }) => {
  const rows = await Array.fromAsync(session.client.items("listWebhooks", {}));
  const whenEmpty = "Add a receiver with: airfleet webhooks create <id> -f <file>";
  await session.output.list({ columns: listColumns, rows, nameOf: (row) => row.id, whenEmpty });
});

const show = act(async ({ session, args: [webhook = ""] }) => {
  const found = await session.client.getWebhook({ params: { webhook } });
  const fields = [
    ...columns.map((column) => ({ ...column, isWide: false })),
    { header: "PENDING", text: (it: typeof found) => it.deliveries_pending },
    { header: "DEAD", text: (it: typeof found) => it.deliveries_dead },
    { header: "OLDEST PENDING", text: (it: typeof found) => toSecondsText(it.oldest_pending_at) },
  ];
  await session.output.show(found, fields, found.id);
});

const showKey = async (session: Session, made: { readonly id: string; readonly key: string }): Promise<void> => {
  const fields = [
    { header: "ID", text: (it: typeof made) => it.id },
    { header: "KEY", text: (it: typeof made) => it.key },
  ];
  await session.output.show(made, fields, made.key);
  session.output.note("The key is shown this once. Give it to the receiver, which checks the signatures with it.");
};

const create = act<{ readonly file: string }>(async ({ session, options, args: [id = ""] }) => {
  const body = { ...(await readDocument(options.file)), id } as NewWebhook;
  await showKey(session, await session.client.createWebhook({ body }));
});

const kind = {
  argument: "webhook",
  example: "shop",
  read: ({ client }: Session, webhook: string) => client.getWebhook({ params: { webhook } }),
};

const rotate = act<{ readonly overlap: number }>(async ({ session, options, args: [webhook = ""] }) => {
  const body = { overlap_seconds: options.overlap };
  await showKey(session, await session.client.rotateWebhookKey({ params: { webhook }, body }));
});

const ANSWER_SHOWN = 300;

/** Enough of an answer to see what is wrong; -o json has what was kept of it. */
const startOf = (answer: string | null): string | null =>
  answer === null || answer.length <= ANSWER_SHOWN ? answer : `${answer.slice(0, ANSWER_SHOWN).toWellFormed()}…`;

const test = act(async ({ session, args: [webhook = ""] }) => {
  const result = await session.client.testWebhook({ params: { webhook } });
  await session.output.show(
    result,
    [
      { header: "OUTCOME", text: (it) => it.outcome },
      { header: "STATUS", text: (it) => it.status },
      { header: "MS", text: (it) => it.duration_ms },
      { header: "ERROR", text: (it) => it.error },
      { header: "ANSWER", text: (it) => startOf(it.answer) },
    ],
    result.outcome,
  );
  return result.outcome === "delivered" ? EXIT.ok : EXIT.failure;
});

const deliveryColumns: readonly Column<Delivery>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "TYPE", text: (row) => row.type },
  { header: "STATE", text: (row) => row.state, tone: (row) => (row.state === "dead" ? "bad" : toneOf(row.state)) },
  { header: "TRIES", text: (row) => row.attempts, alignRight: true },
  { header: "STATUS", text: (row) => row.last_status },
  { header: "NEXT TRY", text: (row) => toSecondsText(row.next_try_at) },
  { header: "CREATED", text: (row) => toSecondsText(row.created_at) },
  { header: "INSTANCE", text: (row) => row.instance, isWide: true },
  { header: "ERROR", text: (row) => row.last_error, isWide: true },
];

interface DeliveriesOptions {
  readonly state?: "pending" | "delivered" | "dead";
  readonly limit: number;
}

const deliveries = act<DeliveriesOptions>(async ({ session, options: { state, limit }, args: [webhook = ""] }) => {
  const query = { limit: Math.min(limit, 1_000), ...(state !== undefined && { state }) };
  const rows: Delivery[] = [];
  for await (const row of session.client.items("listDeliveries", { params: { webhook }, query })) {
    if (rows.push(row) >= limit) break;
  }
  await session.output.list({ columns: deliveryColumns, rows, nameOf: (row) => row.id });
});

const triesText = ({ tries }: DeliveryDetail): string =>
  tries.map((one) => `${toSecondsText(one.at)} ${one.status ?? "-"} ${one.error ?? ""}`.trim()).join("; ");

const delivery = act(async ({ session, args: [webhook = "", id = ""] }) => {
  const found = await session.client.getDelivery({ params: { webhook, delivery: id } });
  const fields = [...deliveryColumns, { header: "TRIED", text: triesText }];
  await session.output.show(
    found,
    fields.map((column) => ({ ...column, isWide: false })),
    found.id,
  );
});

const redeliver = act<{ readonly allDead?: boolean }>(async ({ session, options, args: [webhook = "", id] }) => {
  if (id !== undefined) {
    const again = await session.client.redeliver({ params: { webhook, delivery: id } });
    session.output.note(`${again.id} is sent again.`);
    return EXIT.ok;
  }
  if (options.allDead !== true) {
    session.output.warn("airfleet: Name a delivery, or give --all-dead.");
    return EXIT.usage;
  }
  const { deliveries: count } = await session.client.redeliverDead({ params: { webhook } });
  session.output.note(`${count} messages are sent again.`);
  return EXIT.ok;
});

/** `airfleet webhooks …` */
export const addWebhookCommands = (program: Command): void => {
  const noun = addNoun(program, "webhooks", "Receivers of signed messages, and what is sent to them");
  noun.command("list").description("List receivers").addHelpText("after", examples("webhooks list")).action(list);
  noun
    .command("show <webhook>")
    .description("Show a receiver and how much waits for it")
    .addHelpText("after", examples("webhooks show shop"))
    .action(show);
  noun
    .command("create <webhook>")
    .description("Add a receiver from a file in YAML or JSON; prints its key, -o name nothing else")
    .requiredOption("-f, --file <file>", "the definition; - is stdin")
    .addHelpText("after", examples("webhooks create shop -f shop.yaml", "webhooks create shop -f shop.yaml -o name"))
    .action(create);
  addPutCommand(noun, {
    ...kind,
    file: "shop.yaml",
    description: "Replace what is said of a receiver; its keys stay",
    write: ({ client }, webhook, body: WebhookBody, terms) => client.putWebhook({ params: { webhook }, body }, terms),
    fields: columns.map((column) => ({ ...column, isWide: false })),
  });
  addRemoveCommand(noun, {
    ...kind,
    description: "Remove a receiver; what waits for it is sent no more",
    question: (webhook, { deliveries_pending: pending }) =>
      `Remove webhook "${webhook}"? ${pending} messages wait for it.`,
    remove: ({ client }, webhook, terms) => client.deleteWebhook({ params: { webhook } }, terms),
  });
  noun
    .command("rotate <webhook>")
    .description("Make a new key; the present one signs as well for a while")
    .option("--overlap <seconds>", "how long", parseWhole(0, 2_592_000), 86_400)
    .addHelpText("after", examples("webhooks rotate shop --overlap 3600"))
    .action(rotate);
  noun
    .command("test <webhook>")
    .description("Send a test message now and show the answer; exit code 1 when it was not taken")
    .addHelpText("after", examples("webhooks test shop"))
    .action(test);
  noun
    .command("deliveries <webhook>")
    .description("List what was sent or waits to be, newest first")
    .addOption(new Option("--state <state>", "only these").choices(["pending", "delivered", "dead"]))
    .option("--limit <n>", "at most this many", parseWhole(1, 1_000_000), 50)
    .addHelpText("after", examples("webhooks deliveries shop --state dead"))
    .action(deliveries);
  noun
    .command("delivery <webhook> <delivery>")
    .description("Show a message with every try; -o json with its body and the answers")
    .addHelpText("after", examples("webhooks delivery shop msg_01 -o json"))
    .action(delivery);
  noun
    .command("redeliver <webhook> [delivery]")
    .description("Send a finished message again, or all that are dead")
    .option("--all-dead", "all that no try has brought there")
    .addHelpText("after", examples("webhooks redeliver shop msg_01", "webhooks redeliver shop --all-dead"))
    .action(redeliver);
};
