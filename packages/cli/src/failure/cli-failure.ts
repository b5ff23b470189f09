/** Something the command line itself refuses, with the code scripts see and what to do about it. */
export class CliFailure extends Error {
  readonly code: string;
  readonly exitCode: number;
  /** The next step, as its own line. */
  readonly fix: string | undefined;

  constructor(options: {
    readonly code: string;
    readonly message: string;
    readonly exitCode: number;
    readonly fix?: string;
  }) {
    super(options.message);
    this.name = "CliFailure";
    this.code = options.code;
    this.exitCode = options.exitCode;
    this.fix = options.fix;
  }
}

/** The command was written wrongly. */
export const usageFailure = (message: string, fix?: string): CliFailure =>
  new CliFailure({ code: "USAGE", message, exitCode: 2, ...(fix === undefined ? {} : { fix }) });
