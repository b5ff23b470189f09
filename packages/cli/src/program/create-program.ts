import { Command } from "commander";
import { addActionCommands } from "../commands/actions.ts";
import { addAuditCommands } from "../commands/audit.ts";
import { addBackupCommands } from "../commands/backup.ts";
import { addClearCommand } from "../commands/clear.ts";
import { addCompletionCommands } from "../commands/completion.ts";
import { addConfigCommands } from "../commands/config.ts";
import { addDagCommands } from "../commands/dags.ts";
import { addDoctorCommand } from "../commands/doctor.ts";
import { addInstanceCommands } from "../commands/instances.ts";
import { addLogsCommand } from "../commands/logs.ts";
import { addPausingCommands } from "../commands/pausing.ts";
import { addRunCommands } from "../commands/runs.ts";
import { addServeCommand } from "../commands/serve.ts";
import { addStatusCommand } from "../commands/status.ts";
import { addTaskCommands } from "../commands/tasks.ts";
import { addTokenCommands } from "../commands/tokens.ts";
import { addTriggerCommand } from "../commands/trigger.ts";
import { addVersionCommand } from "../commands/version.ts";
import { addGlobalOptions } from "../session/global-options.ts";
import { examples } from "./noun.ts";
import { readVersion } from "./version.ts";

/** The whole command line. Usage errors are thrown as commander's own error, with nothing ended. */
export const createProgram = (): Command => {
  const program = new Command("airfleet")
    .description("One control plane for fleets of Apache Airflow 2 and 3")
    .version(readVersion(), "--version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help of a command")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .addHelpText(
      "after",
      `${examples(
        "serve",
        "status",
        "dags list --state failed",
        `trigger orders_daily --clients eu-1,us-1 --conf '{"day": "2026-11-20"}'`,
        "pause orders_daily --dry-run",
      )}\n\nExit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 timeout, 7 unavailable, 8 partly done, 75 try later.`,
    );
  addGlobalOptions(program);
  program.commandsGroup("See:");
  addStatusCommand(program);
  addInstanceCommands(program);
  addDagCommands(program);
  addRunCommands(program);
  addTaskCommands(program);
  addLogsCommand(program);
  program.commandsGroup("Act:");
  addTriggerCommand(program);
  addPausingCommands(program);
  addClearCommand(program);
  addActionCommands(program);
  addAuditCommands(program);
  program.commandsGroup("Run Airfleet:");
  addServeCommand(program);
  addConfigCommands(program);
  addDoctorCommand(program);
  addBackupCommands(program);
  addTokenCommands(program);
  addVersionCommand(program);
  addCompletionCommands(program);
  return program;
};
