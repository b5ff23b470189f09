import { useQuery } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useLayoutEffect, useMemo, useRef, useState } from "react";
import { State } from "../marks/state.tsx";
import { TierMark } from "../marks/tier.tsx";
import { RowBones } from "../region/bones.tsx";
import { Region } from "../region/region.tsx";
import { useWords } from "../words/use-words.tsx";
import { byTier, inBoardOrder, isCurrent, toCellState, toExceptions, toLines } from "./matrix-model.ts";
import { type MatrixCell, type MatrixRow, matrixQuery, type OverviewInstance } from "./overview.ts";

const LINE_PX = 24;
/** Lines kept ready beyond what is seen, so that a quick wheel shows no gap. */
const OVERSCAN = 12;

const Cell = ({
  dag,
  instance,
  cell,
  isOld,
}: {
  readonly dag: string;
  readonly instance: string;
  readonly cell: MatrixCell | undefined;
  readonly isOld: boolean;
}) => {
  const { fleet, states } = useWords();
  if (cell === undefined) return <td className="absent" />;
  const state = toCellState(cell);
  const failures = state === "failed" ? (cell.failures ?? 0) : 0;
  const more = [failures > 1 ? fleet.inARow(failures) : "", isOld ? fleet.lastKnown : ""].filter((word) => word !== "");
  const label = fleet.cell(dag, instance, states[state], more.join(", "));
  return (
    <td data-s={state} data-old={isOld ? "" : undefined}>
      <span role="img" aria-label={label} title={label}>
        {failures > 1 ? failures : null}
      </span>
    </td>
  );
};

const Row = memo(({ row, instances }: { readonly row: MatrixRow; readonly instances: readonly OverviewInstance[] }) => {
  const exceptions = toExceptions(row, instances);
  return (
    <tr>
      <th scope="row" className="cut" title={row.dag_id}>
        {row.dag_id}
      </th>
      {instances.map((instance) => (
        <Cell
          key={instance.id}
          dag={row.dag_id}
          instance={instance.id}
          cell={row.cells[instance.id]}
          isOld={!isCurrent(instance)}
        />
      ))}
      <td className="micro">
        {exceptions.map(({ instance, state }) => (
          <State key={instance} state={state} text={instance} />
        ))}
      </td>
    </tr>
  );
});

const Head = ({ instances }: { readonly instances: readonly OverviewInstance[] }) => {
  const { fleet } = useWords();
  return (
    <thead>
      <tr className="tiers">
        <td />
        {byTier(instances).map(({ tier, instances: group }) => (
          <th key={tier} scope="colgroup" colSpan={group.length}>
            <TierMark tier={tier} />
          </th>
        ))}
      </tr>
      <tr className="names">
        <th scope="col">
          <span className="visually-hidden">DAG</span>
        </th>
        {instances.map((instance) => (
          <th key={instance.id} scope="col">
            <span
              className={isCurrent(instance) ? "name" : "name state"}
              data-s={isCurrent(instance) ? undefined : "stale"}
              title={isCurrent(instance) ? instance.id : `${instance.id}: ${fleet.lastKnown}`}
            >
              {instance.id}
            </span>
          </th>
        ))}
      </tr>
    </thead>
  );
};

const Legend = () => {
  const { fleet } = useWords();
  return (
    <span className="legend">
      {(["success", "running", "queued", "failed", "broken", "lost", "cancelled", "paused"] as const).map((state) => (
        <State key={state} state={state} />
      ))}
      <span className="old-key">{fleet.lastKnown}</span>
      <span>— {fleet.notDeployed}</span>
    </span>
  );
};

/** Only what is near the window is in the document, so that thousands of DAGs scroll like ten. */
const Table = ({
  rows,
  instances,
}: {
  readonly rows: readonly MatrixRow[];
  readonly instances: readonly OverviewInstance[];
}) => {
  const { fleet } = useWords();
  const lines = useMemo(() => toLines(rows), [rows]);
  const columns = useMemo(() => inBoardOrder(instances), [instances]);
  const table = useRef<HTMLTableElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    setTop((table.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
  }, [lines.length]);
  const virtualizer = useWindowVirtualizer({
    count: lines.length,
    estimateSize: () => LINE_PX,
    overscan: OVERSCAN,
    scrollMargin: top,
  });
  const shown = virtualizer.getVirtualItems();
  const before = Math.max(0, (shown[0]?.start ?? top) - top);
  const after = Math.max(0, virtualizer.getTotalSize() + top - (shown.at(-1)?.end ?? top));
  return (
    <table className="matrix" ref={table} aria-rowcount={lines.length}>
      <Head instances={columns} />
      <tbody>
        {before > 0 && <tr className="gap" style={{ height: before }} />}
        {shown.map(({ index }) => {
          const line = lines[index];
          if (line === undefined) return null;
          if (line.kind === "dag") return <Row key={line.row.dag_id} row={line.row} instances={columns} />;
          return (
            <tr key={`tag ${line.tag}`} className="group">
              <th scope="rowgroup" colSpan={columns.length + 1}>
                <b>{line.tag ?? fleet.untagged}</b> {fleet.dagsOf(line.dags)}
              </th>
            </tr>
          );
        })}
        {after > 0 && <tr className="gap" style={{ height: after }} />}
      </tbody>
    </table>
  );
};

/** The newest run of every DAG on every instance. */
export const RunMatrix = ({ instances }: { readonly instances: readonly OverviewInstance[] | undefined }) => {
  const { fleet } = useWords();
  const query = useQuery(matrixQuery);
  return (
    <Region
      className="matrix-region"
      title={fleet.matrix}
      note={fleet.matrixOf}
      footer={<Legend />}
      query={query}
      bones={<RowBones rows={14} />}
    >
      {({ items }) =>
        items.length === 0 ? (
          <p className="blank">{fleet.noDags}</p>
        ) : (
          <Table rows={items} instances={instances ?? []} />
        )
      }
    </Region>
  );
};
