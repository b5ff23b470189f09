/**
 * What can go wrong here, each with a message that names the value, the place and the next step.
 * The tool stands alone (it must run before anything of the repository is built), so it has a catalogue of its own.
 */
const MESSAGES = {
  COMMAND_FAILED: "The command `{command}` ended with code {exit_code}. Its last lines:\n{tail}",
  COMPONENT_UNKNOWN: 'Engine "{id}" has no component "{component}". It has: {allowed}.',
  DAGS_UNREADABLE: 'The DAG folder "{folder}" cannot be read: {reason}. Give --dags a directory.',
  DATABASE_NOT_ALLOWED:
    "The PostgreSQL user of DATABASE_URL ({user}) may not create databases. Grant it CREATEDB, or unset DATABASE_URL.",
  DATABASE_UNREACHABLE:
    "PostgreSQL at DATABASE_URL ({address}) does not answer: {reason}. Start it, or unset DATABASE_URL.",
  ENGINE_DIED: 'Engine "{id}": {component} ended with {exit} while starting. Its last lines (all in {log}):\n{tail}',
  ENGINE_EXISTS:
    'An engine "{id}" exists already. Choose another id, or stop it: node tools/engines/src/main.ts down {id}',
  ENGINE_ID_INVALID:
    '"{id}" is no engine id. Use lower-case letters, digits and "-", starting with a letter, at most 40.',
  ENGINE_NOT_READY:
    'Engine "{id}" was not ready after {seconds} s: {reason}. The logs are in {logs}. Last lines of {component}:\n{tail}',
  ENGINE_NOT_RUNNING:
    'Engine "{id}" is not running. Running: {running}. Start one with: node tools/engines/src/main.ts up',
  INSTALL_FAILED: "Installing {name} failed. Its last lines:\n{tail}",
  MOTO_DIED: "The moto server in {directory} ended while starting. Its last lines:\n{tail}",
  PORT_TAKEN:
    'Engine "{id}": port {port} was taken by another program while {component} started. Try again. Log: {log}',
  POSTGRES_DIED: "The PostgreSQL server in {directory} ended while starting. Its last lines:\n{tail}",
  PYTHON_MISSING: "No supported Python was found ({tried}). Install Python {allowed}, or name one in AIRFLEET_PYTHON.",
  PYTHON_VENV_MISSING:
    "{python} has no usable venv module ({reason}). On Debian and Ubuntu: apt-get install python3-venv",
  STATE_UNREADABLE:
    "The state file {file} cannot be understood: {reason}. Stop its processes by hand, then remove its directory.",
  USAGE: "{reason} See: node tools/engines/src/main.ts --help",
} as const satisfies Record<string, string>;

export type EngineToolErrorCode = keyof typeof MESSAGES;

export type EngineToolErrorDetails = Readonly<Record<string, string | number>>;

/** Every error that this tool throws on purpose. `USAGE` ends the command with exit code 2, the others with 1. */
export class EngineToolError extends Error {
  readonly code: EngineToolErrorCode;
  readonly details: EngineToolErrorDetails;

  constructor(code: EngineToolErrorCode, details: EngineToolErrorDetails = {}, cause?: unknown) {
    const message = MESSAGES[code].replace(/\{([a-z_]+)\}/g, (place, name: string) => String(details[name] ?? place));
    super(message, cause === undefined ? undefined : { cause });
    this.name = "EngineToolError";
    this.code = code;
    this.details = details;
  }
}

export const isEngineToolError = (value: unknown, ...codes: EngineToolErrorCode[]): value is EngineToolError =>
  value instanceof EngineToolError && (codes.length === 0 || codes.includes(value.code));

/** What a caught value says about itself, for the `reason` of another error. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error instanceof Error ? error.message : String(error);
};
