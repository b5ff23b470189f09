import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { State } from "../marks/state.tsx";
import { At } from "../marks/tier.tsx";
import { RowBones } from "../region/bones.tsx";
import { Region } from "../region/region.tsx";
import { ageOf } from "../time/age.ts";
import { useNow } from "../time/use-now.ts";
import { useWords } from "../words/use-words.tsx";
import type { Condition } from "../words/words.ts";
import type { Overview, Wrong } from "./overview.ts";

/** What is shown before somebody asks for all. */
const FIRST = 12;

const LOOKS: Readonly<Record<Wrong["kind"], "failed" | Condition>> = {
  unreachable: "unreachable",
  refused: "unreachable",
  scheduler_silent: "stale",
  failing: "failed",
  broken: "broken",
  held: "paused",
};

const Line = ({ wrong, now }: { readonly wrong: Wrong; readonly now: number }) => {
  const words = useWords();
  const { kinds, sentence } = words.wrong;
  const { kind, instance, tier, dag_id: dag, file, count, since } = wrong;
  return (
    <li>
      <State state={LOOKS[kind]} text={count > 1 ? `${kinds[kind]} ×${count}` : kinds[kind]} />
      <p>
        <b>{dag ?? file ?? instance}</b> {sentence(wrong)}
      </p>
      <span className="reach">
        <At instance={instance} tier={tier} />
      </span>
      <span className="since num">{since === null ? "" : ageOf(since, now, words)}</span>
    </li>
  );
};

/** Everything that needs a person, worst first. */
export const WrongNow = ({ query }: { readonly query: UseQueryResult<Overview> }) => {
  const { fleet } = useWords();
  const now = useNow();
  const [all, setAll] = useState(false);
  const total = query.data?.wrong_total ?? 0;
  return (
    <Region
      title={fleet.wrongNow}
      note={fleet.order}
      end={
        total > FIRST && !all ? (
          <button type="button" className="text-button" onClick={() => setAll(true)}>
            {fleet.allOf(total)}
          </button>
        ) : undefined
      }
      query={query}
      bones={<RowBones rows={5} />}
    >
      {({ wrong }) =>
        wrong.length === 0 ? (
          <p className="blank">{fleet.nothingWrong}</p>
        ) : (
          <ul className="wrong-now">
            {(all ? wrong : wrong.slice(0, FIRST)).map((one) => (
              <Line key={[one.kind, one.instance, one.dag_id, one.file].join("\n")} wrong={one} now={now} />
            ))}
          </ul>
        )
      }
    </Region>
  );
};
