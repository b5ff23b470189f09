export { EXIT, EXIT_MEANINGS, toExitCode } from "./failure/exit-codes.ts";
export { createProgram } from "./program/create-program.ts";
export { isShown } from "./program/noun.ts";
