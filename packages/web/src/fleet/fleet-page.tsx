import { useQuery } from "@tanstack/react-query";
import { ageOf } from "../time/age.ts";
import { useNow } from "../time/use-now.ts";
import { useWords } from "../words/use-words.tsx";
import "./fleet.css";
import { FirstSteps } from "./first-steps.tsx";
import { InstanceBoard } from "./instance-board.tsx";
import { isCurrent } from "./matrix-model.ts";
import { type Overview, overviewQuery } from "./overview.ts";
import { RunMatrix } from "./run-matrix.tsx";
import { WrongNow } from "./wrong-now.tsx";

/** The page's answer in a sentence, and what it rests on. */
const Head = ({ overview }: { readonly overview: Overview | undefined }) => {
  const words = useWords();
  const { fleet } = words;
  const now = useNow();
  if (overview === undefined) {
    return (
      <header className="head">
        <h1>{words.places.fleet}</h1>
      </header>
    );
  }
  const { instances, wrong, wrong_total: total } = overview;
  const onProduction = wrong.filter(({ tier }) => tier === "production").length;
  const count = onProduction > 0 ? onProduction : total;
  const current = instances.filter(isCurrent).length;
  const silent = instances.filter(({ enabled, status }) => enabled && status.state === "unreachable").slice(0, 3);
  const inFlight = instances.reduce((sum, { queued, running }) => sum + queued + running, 0);
  return (
    <header className="head">
      <h1>{count === 0 ? fleet.allWell : fleet.wrong(count, onProduction > 0 ? fleet.onProduction : fleet.onFleet)}</h1>
      <p className="lede">
        {[
          fleet.read(current, instances.length),
          ...silent.map(({ id, status }) => fleet.silent(id, ageOf(status.observed_at, now, words))),
          fleet.inFlight(inFlight),
        ].join(" ")}
      </p>
    </header>
  );
};

/** What is wrong anywhere, and the state of everything. */
export const FleetPage = () => {
  const overview = useQuery(overviewQuery);
  if (overview.data?.instances.length === 0) return <FirstSteps />;
  return (
    <>
      <Head overview={overview.data} />
      <div className="fleet">
        <InstanceBoard query={overview} />
        <div className="fleet-main">
          <WrongNow query={overview} />
          <RunMatrix instances={overview.data?.instances} />
        </div>
      </div>
    </>
  );
};
