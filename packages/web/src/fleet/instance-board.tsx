import type { UseQueryResult } from "@tanstack/react-query";
import { At, TierMark } from "../marks/tier.tsx";
import { State } from "../marks/state.tsx";
import { RowBones } from "../region/bones.tsx";
import { Region } from "../region/region.tsx";
import { ageOf } from "../time/age.ts";
import { useNow } from "../time/use-now.ts";
import { useWords } from "../words/use-words.tsx";
import { byTier, isCurrent } from "./matrix-model.ts";
import type { Overview, OverviewInstance } from "./overview.ts";

const NAMES = { airflow: "Airflow", dagster: "Dagster", embedded: "embedded" } as const;

const engineOf = ({ engine, status }: OverviewInstance): string =>
  [NAMES[engine], status.version?.split(".").slice(0, 2).join(".")].filter((word) => word !== undefined).join(" ");

const ReadAt = ({ instance, now }: { readonly instance: OverviewInstance; readonly now: number }) => {
  const words = useWords();
  const { status } = instance;
  const age = ageOf(status.observed_at, now, words);
  if (status.state === "unreachable" || status.state === "refused") return <State state="unreachable" text={age} />;
  if (status.stale || !instance.enabled) return <State state="stale" text={age} />;
  return <span className="quiet">{age}</span>;
};

const Row = ({ instance, now }: { readonly instance: OverviewInstance; readonly now: number }) => {
  const { fleet } = useWords();
  const { id, tier, queued, running, wrong } = instance;
  const inFlight = queued + running;
  return (
    <tr>
      <th scope="row">
        <At instance={id} tier={tier} />
      </th>
      <td className="quiet optional">{engineOf(instance)}</td>
      <td>
        <ReadAt instance={instance} now={now} />
      </td>
      <td className="num">
        {isCurrent(instance) ? (
          inFlight
        ) : (
          <span className="quiet" title={fleet.lastKnown}>
            ({inFlight})
          </span>
        )}
      </td>
      <td className="num">
        {wrong === null ? "?" : wrong === 0 ? <span className="quiet">·</span> : <b className="bad">{wrong}</b>}
      </td>
    </tr>
  );
};

/** Every instance, by tier: how old what we know is, what runs there, how much is wrong. */
export const InstanceBoard = ({ query }: { readonly query: UseQueryResult<Overview> }) => {
  const { fleet } = useWords();
  const now = useNow();
  const instances = query.data?.instances ?? [];
  return (
    <Region
      className="instances"
      title={fleet.instances}
      end={<span className="quiet">{fleet.instancesOf(instances.filter(isCurrent).length, instances.length)}</span>}
      footer={fleet.key}
      query={query}
      bones={<RowBones rows={8} />}
    >
      {(overview) => (
        <table className="list board">
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">{fleet.instance}</span>
              </th>
              <th scope="col" className="optional">
                {fleet.engine}
              </th>
              <th scope="col">{fleet.readAt}</th>
              <th scope="col" className="num">
                {fleet.running}
              </th>
              <th scope="col" className="num">
                {fleet.wrongHere}
              </th>
            </tr>
          </thead>
          {byTier(overview.instances).map((group) => (
            <tbody key={group.tier}>
              <tr className="group">
                <th scope="rowgroup" colSpan={5}>
                  <TierMark tier={group.tier} /> {fleet.countOf(group.instances.length)}
                </th>
              </tr>
              {group.instances.map((instance) => (
                <Row key={instance.id} instance={instance} now={now} />
              ))}
            </tbody>
          ))}
        </table>
      )}
    </Region>
  );
};
