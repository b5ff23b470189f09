import type { Command } from "commander";

/** Adds commands to the program. */
type Add = (program: Command) => void;

interface CommandGroup {
  readonly heading: string;
  /** What each first word loads. A command that is not asked for costs nothing. */
  readonly commands: Readonly<Record<string, () => Promise<Add>>>;
}

const addPausing = async (): Promise<Add> => (await import("../commands/pausing.ts")).addPausingCommands;
const addDeploying = async (): Promise<Add> => (await import("../commands/deploy.ts")).addDeployCommands;
const addBackups = async (): Promise<Add> => (await import("../commands/backup.ts")).addBackupCommands;
const addCompletion = async (): Promise<Add> => (await import("../commands/completion.ts")).addCompletionCommands;

/** The commands as help shows them. Words with the same function are added together. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  {
    heading: "See:",
    commands: {
      status: async () => (await import("../commands/status.ts")).addStatusCommand,
      instances: async () => (await import("../commands/instances.ts")).addInstanceCommands,
      dags: async () => (await import("../commands/dags.ts")).addDagCommands,
      runs: async () => (await import("../commands/runs.ts")).addRunCommands,
      subjects: async () => (await import("../commands/subjects.ts")).addSubjectCommands,
      events: async () => (await import("../commands/events.ts")).addEventsCommand,
      tasks: async () => (await import("../commands/tasks.ts")).addTaskCommands,
      logs: async () => (await import("../commands/logs.ts")).addLogsCommand,
    },
  },
  {
    heading: "Define:",
    commands: {
      pipelines: async () => (await import("../commands/pipelines.ts")).addPipelineCommands,
      modules: async () => (await import("../commands/modules.ts")).addModuleCommands,
      connections: async () => (await import("../commands/connections.ts")).addConnectionCommands,
    },
  },
  {
    heading: "Act:",
    commands: {
      trigger: async () => (await import("../commands/trigger.ts")).addTriggerCommand,
      triggers: async () => (await import("../commands/triggers.ts")).addTriggerCommands,
      "trigger-keys": async () => (await import("../commands/trigger-keys.ts")).addTriggerKeyCommands,
      pause: addPausing,
      unpause: addPausing,
      stop: async () => (await import("../commands/stop.ts")).addStopCommand,
      clear: async () => (await import("../commands/clear.ts")).addClearCommand,
      retention: async () => (await import("../commands/retention.ts")).addRetentionCommands,
      reports: async () => (await import("../commands/reports.ts")).addReportCommands,
      "event-sources": async () => (await import("../commands/event-sources.ts")).addEventSourceCommands,
      webhooks: async () => (await import("../commands/webhooks.ts")).addWebhookCommands,
      alerts: async () => (await import("../commands/alerts.ts")).addAlertCommands,
      actions: async () => (await import("../commands/actions.ts")).addActionCommands,
      deploy: addDeploying,
      promote: addDeploying,
      deployments: async () => (await import("../commands/deployments.ts")).addDeploymentCommands,
      executions: async () => (await import("../commands/executions.ts")).addExecutionCommands,
      schedules: async () => (await import("../commands/schedules.ts")).addScheduleCommands,
      audit: async () => (await import("../commands/audit.ts")).addAuditCommands,
    },
  },
  {
    heading: "Run Airfleet:",
    commands: {
      serve: async () => (await import("../commands/serve.ts")).addServeCommand,
      config: async () => (await import("../commands/config.ts")).addConfigCommands,
      doctor: async () => (await import("../commands/doctor.ts")).addDoctorCommand,
      backup: addBackups,
      restore: addBackups,
      tokens: async () => (await import("../commands/tokens.ts")).addTokenCommands,
      version: async () => (await import("../commands/version.ts")).addVersionCommand,
      completion: addCompletion,
    },
  },
];
