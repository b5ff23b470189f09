import { AirfleetConnectionError } from "@airfleet/sdk";
import type { Finding } from "@airfleet/server/local";
import type { Command } from "commander";
import { describeFailure } from "../failure/describe-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { addConfigurationOptions } from "../program/configuration-options.ts";
import { examples } from "../program/noun.ts";
import { act } from "../session/act.ts";
import { type ConfigurationOptions, toConfigurationSource } from "../session/configuration-source.ts";
import type { Session } from "../session/session.ts";

const columns: readonly Column<Finding>[] = [
  { header: "WHAT", text: (row) => row.subject },
  {
    header: "STATE",
    text: (row) => row.state,
    tone: (row) => (row.state === "warning" ? "warning" : toneOf(row.state)),
  },
  { header: "CODE", text: (row) => row.code },
  { header: "FINDING", text: (row) => row.message },
];

const examineServer = async (session: Session): Promise<Finding> => {
  const subject = "server";
  try {
    const { version } = await session.client.getVersion({}, { timeoutMs: 5_000 });
    await session.client.getReadiness({}, { timeoutMs: 5_000 });
    return { subject, state: "ok", code: null, message: `Airfleet ${version} answers` };
  } catch (error) {
    const { code, message } = describeFailure(error);
    const isAbsent = error instanceof AirfleetConnectionError && error.code === "SERVER_UNREACHABLE";
    // No server is nothing wrong, unless one was named.
    if (isAbsent && !session.isServerGiven)
      return { subject, state: "ok", code: null, message: "none is running here" };
    return { subject, state: "failed", code, message };
  }
};

const doctor = act<ConfigurationOptions>(async ({ session, options, args }) => {
  const { examine } = await import("@airfleet/server/local");
  const [findings, server] = await Promise.all([examine(toConfigurationSource(options), args), examineServer(session)]);
  const rows = [...findings, server];
  await session.output.list({ columns, rows, nameOf: (row) => row.subject });
  const failures = rows.filter(({ state }) => state === "failed").length;
  if (failures === 0) return EXIT.ok;
  session.output.warn(`airfleet: ${failures} of ${rows.length} findings keep Airfleet from working.`);
  return EXIT.failure;
});

/** `airfleet doctor` */
export const addDoctorCommand = (program: Command): void => {
  const command = program
    .command("doctor [instance...]")
    .description(
      "Look for what keeps Airfleet from working here: Node, configuration, secrets, store, instances, server",
    )
    .addHelpText("after", examples("doctor", "doctor eu-prod-1", "doctor --config fleet.yaml --json"))
    .action(doctor);
  addConfigurationOptions(command);
};
