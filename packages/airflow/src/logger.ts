/** Where the client says what an operator should know; a pino logger fits. Secrets are never said. */
export interface AirflowLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export const silentLogger: AirflowLogger = { info: () => undefined, warn: () => undefined };
