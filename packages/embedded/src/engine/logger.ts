/** Where the engine reports what no caller hears: pino's shape, fields first. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
