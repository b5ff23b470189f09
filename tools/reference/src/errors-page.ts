import { toExitCode } from "@airfleet/cli";
import { ERROR_CATALOGUE } from "@airfleet/model";

const escapeCell = (text: string): string => text.replaceAll("|", String.raw`\|`).replaceAll("<", "&lt;");

const HEAD = `# Errors

Generated from the catalogue in \`packages/model/src/errors\`; change it there.

Every error has one of these codes. The HTTP API answers it as \`application/problem+json\` with the code in \`code\` and the
message in \`detail\`; a 5xx that is about Airfleet itself hides its insides and carries a \`request_id\` that the log has
too. The command line prints code and message on stderr and ends with the exit code. "Again" says whether the same request
may succeed later without being changed. Words in braces are filled in.

| code | HTTP | exit | again | message |
| --- | --- | --- | --- | --- |
`;

/** `docs/reference/errors.md`: what every code means. */
export const renderErrorsPage = (): string =>
  HEAD +
  Object.entries(ERROR_CATALOGUE)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, { status, retryable, message }]) =>
        `| \`${code}\` | ${status} | ${toExitCode(code, status)} | ${retryable ? "yes" : "no"} | ${escapeCell(message)} |\n`,
    )
    .join("");
