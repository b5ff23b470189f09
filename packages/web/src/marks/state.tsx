import type { RunState } from "@airfleet/model";
import type { Condition } from "../words/words.ts";
import { useWords } from "../words/use-words.tsx";

/** A state as a silhouette with its word. `text` stands for the word where more is to be said. */
export const State = ({
  state,
  text,
  look,
}: {
  readonly state: RunState | Condition;
  readonly text?: string | undefined;
  readonly look?: "pill" | "large";
}) => {
  const { states } = useWords();
  return (
    <span className="state" data-s={state} data-look={look}>
      {text ?? states[state]}
    </span>
  );
};
