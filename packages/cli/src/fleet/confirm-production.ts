import { CliFailure, usageFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { ask } from "../session/ask.ts";
import type { Session } from "../session/session.ts";

/** An instance that is about to be touched. */
export interface Guarded {
  readonly instance: string;
  readonly tier: string;
}

/** What must be typed before production instances are touched: the id of the one, or how many there are. */
export const toExpectedConfirmation = (production: readonly string[]): string =>
  production.length === 1 ? (production[0] ?? "") : `${production.length} production`;

const isConfirmed = (given: string, production: readonly string[]): boolean => {
  if (given === toExpectedConfirmation(production)) return true;
  const named = new Set(given.split(",").map((id) => id.trim()));
  return production.every((id) => named.has(id));
};

/**
 * Makes sure that somebody means it before production instances are touched: `--confirm`, or the same typed at a
 * question. `--yes` alone is no confirmation, since it stands in scripts that were written for other instances.
 *
 * @throws {CliFailure} CONFIRMATION_NEEDED
 */
export const confirmProduction = async (
  session: Session,
  targets: readonly Guarded[],
  deed: string,
  given: string | undefined,
): Promise<void> => {
  const production = [...new Set(targets.filter(({ tier }) => tier === "production").map(({ instance }) => instance))];
  if (production.length === 0) return;
  const expected = toExpectedConfirmation(production);
  if (given !== undefined) {
    if (isConfirmed(given, production)) return;
    throw new CliFailure({
      code: "CONFIRMATION_NEEDED",
      message: `--confirm "${given}" does not name what would be touched: ${production.join(", ")}.`,
      exitCode: EXIT.conflict,
      fix: `If you mean it, repeat the command with: --confirm "${expected}"`,
    });
  }
  const question = `This would ${deed} on production: ${production.join(", ")}.`;
  if (!session.canAsk) {
    throw new CliFailure({
      code: "CONFIRMATION_NEEDED",
      message: question,
      exitCode: EXIT.conflict,
      fix: `If you mean it, repeat the command with: --confirm "${expected}"`,
    });
  }
  const answer = await ask(`${question}\nType ${expected} to go on: `);
  if (answer === expected) return;
  throw new CliFailure({
    code: "CONFIRMATION_NEEDED",
    message: "Not confirmed; nothing was changed.",
    exitCode: EXIT.conflict,
  });
};

/**
 * Asks yes or no before something that cannot be undone.
 *
 * @throws {CliFailure} when the answer is no, or nobody can be asked and `--yes` is absent
 */
export const confirmLoss = async (session: Session, question: string, isSure: boolean): Promise<void> => {
  if (isSure) return;
  if (!session.canAsk) throw usageFailure(question, "Nobody can be asked here; add --yes if you mean it.");
  const answer = await ask(`${question} [y/N] `);
  if (/^y(es)?$/i.test(answer)) return;
  throw new CliFailure({
    code: "CONFIRMATION_NEEDED",
    message: "Not confirmed; nothing was changed.",
    exitCode: EXIT.conflict,
  });
};
