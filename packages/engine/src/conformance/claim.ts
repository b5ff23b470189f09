import type { Capabilities, EngineGap } from "../capabilities.ts";
import type { ClaimContext } from "./context.ts";

/** One promise of the port, as a sentence and as a trial. */
export interface Claim {
  /** What is claimed, as a sentence; unique in the suite. */
  readonly title: string;
  /** Holds for engines with these abilities only; for all when absent. */
  readonly needs?: (capabilities: Capabilities) => boolean;
  /** Needs a host that can change DAG files. */
  readonly changesFiles?: boolean;
  /** Throws (an AssertionError, as a rule) when the claim does not hold. */
  run(context: ClaimContext): Promise<void>;
}

/** For claims about what not every engine has. */
export const has =
  (...wanted: readonly EngineGap[]): NonNullable<Claim["needs"]> =>
  ({ lacks = [] }) =>
    !wanted.some((gap) => lacks.includes(gap));
