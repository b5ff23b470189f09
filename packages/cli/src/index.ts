export { EXIT, EXIT_MEANINGS } from "./failure/exit-codes.ts";
export { createProgram } from "./program/create-program.ts";
