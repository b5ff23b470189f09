import { type Command, Option } from "commander";
import { addConfigurationOptions } from "../program/configuration-options.ts";
import { examples } from "../program/noun.ts";
import { act } from "../session/act.ts";
import { type ConfigurationOptions, toConfigurationSource } from "../session/configuration-source.ts";

interface Summary {
  readonly form: string;
  readonly schema: string;
  readonly rows: Readonly<Record<string, number>>;
}

const fields = [
  { header: "FORM", text: (it: Summary) => it.form },
  { header: "SCHEMA", text: (it: Summary) => it.schema },
  { header: "ROWS", text: (it: Summary) => Object.values(it.rows).reduce((sum, rows) => sum + rows, 0) },
];

const backup = act<ConfigurationOptions & { readonly form: "portable" | "sqlite" }>(
  async ({ session, options, args: [file = ""] }) => {
    const { backupToFile } = await import("@airfleet/server/local");
    const summary = await backupToFile({ file, form: options.form }, toConfigurationSource(options));
    await session.output.show(summary, fields, file);
    session.output.note(`Written to ${file}. Credentials in it are encrypted: keep the secret key too, elsewhere.`);
  },
);

const restore = act<ConfigurationOptions>(async ({ session, options, args: [file = ""] }) => {
  const { restoreFromFile } = await import("@airfleet/server/local");
  const summary = await restoreFromFile(file, toConfigurationSource(options));
  await session.output.show(summary, fields, file);
});

/** `airfleet backup` and `airfleet restore` */
export const addBackupCommands = (program: Command): void => {
  const make = program
    .command("backup <file>")
    .description("Write everything the store holds into a file; on SQLite the server must be stopped")
    .addOption(
      new Option("--form <form>", "portable: for either database; sqlite: a database file")
        .choices(["portable", "sqlite"])
        .default("portable"),
    )
    .addHelpText(
      "after",
      examples("backup fleet.backup", "backup fleet.sqlite --form sqlite --data-dir /var/lib/airfleet"),
    )
    .action(backup);
  const fill = program
    .command("restore <file>")
    .description("Fill an empty store from a backup")
    .addHelpText("after", examples("restore fleet.backup --data-dir /var/lib/airfleet"))
    .action(restore);
  addConfigurationOptions(make);
  addConfigurationOptions(fill);
};
