import { AirfleetError } from "@airfleet/model";
import type { GitAnswer } from "./run-git.ts";

/** Words of git and of those who host it by which a refusal is told from a passing trouble. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [
    /authentication failed|could not read (username|password)|invalid credentials|HTTP Basic: Access denied/i,
    "our credentials are not accepted",
  ],
  [/permission denied|access denied|\b403\b|not authorized/i, "we may not write there"],
  [/host key verification failed/i, "the host's key is not known (known_hosts)"],
  [
    /repository .*not found|does not appear to be a git repository|\b404\b|does not exist/i,
    "there is no such repository",
  ],
  [
    /protected branch|pre-receive hook declined|hook declined|\bGH006\b/i,
    "the branch is protected, or a hook of the repository refuses the push",
  ],
  [/no space left on device|quota exceeded|disk quota/i, "no space is left"],
  [/read-only file ?system/i, "it is read-only"],
  [/unable to (create|write)|insufficient permission for adding an object/i, "we may not write there"],
];

/** Somebody else pushed first. */
export const isDiverged = ({ code, err }: GitAnswer): boolean =>
  code !== 0 &&
  /\[rejected\]|non-fast-forward|fetch first|cannot lock ref|failed to update ref|incorrect old value|stale info/i.test(
    err,
  ) &&
  !/hook declined|protected/i.test(err);

const lastLineOf = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("hint:"))
    .at(-1) ?? "git said nothing";

/** What a failed call means for a deployment. */
export const toGitError = ({ err }: GitAnswer, target: string): AirfleetError => {
  const refusal = REFUSALS.find(([words]) => words.test(err))?.[1];
  return refusal === undefined
    ? new AirfleetError("DEPLOY_TARGET_UNREACHABLE", { target, reason: lastLineOf(err).slice(0, 300) })
    : new AirfleetError("DEPLOY_TARGET_REFUSED", { target, reason: refusal });
};
