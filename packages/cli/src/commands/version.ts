import type { Command } from "commander";
import { readVersion } from "../program/version.ts";
import { examples } from "../program/noun.ts";
import { act } from "../session/act.ts";

const version = act<{ readonly client?: boolean }>(async ({ session, options }) => {
  const own = readVersion();
  const fields = [{ header: "CLIENT", text: (it: { readonly client: string }) => it.client }];
  if (options.client === true) {
    await session.output.show({ client: own }, fields, own);
    return;
  }
  const server = await session.client.getVersion();
  await session.output.show(
    { client: own, server: server.version, node: server.node },
    [...fields, { header: "SERVER", text: (it) => it.server }, { header: "SERVER NODE", text: (it) => it.node }],
    own,
  );
});

/** `airfleet version` */
export const addVersionCommand = (program: Command): void => {
  program
    .command("version")
    .description("Show the version of this command and of the server")
    .option("--client", "only of this command")
    .addHelpText("after", examples("version", "version --client --json"))
    .action(version);
};
