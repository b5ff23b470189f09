/** The step cannot be done. Trying again may help: a service that did not answer, a disk that was full. */
export class StepTrouble extends Error {
  override readonly name: string = "StepTrouble";
}

/** The step cannot be done as it is written; trying again changes nothing. */
export class StepRefusal extends StepTrouble {
  override readonly name = "StepRefusal";
}

/** What somebody threw, in words. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
