import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { Problem } from "./problem.tsx";

/** A part of a page with its title. A failed read stays inside it; the frame does not move. */
export const Region = <Data,>({
  title,
  note,
  end,
  footer,
  className,
  query,
  bones,
  children,
}: {
  readonly title: string;
  /** Small print beside the title. */
  readonly note?: ReactNode;
  readonly end?: ReactNode;
  readonly footer?: ReactNode;
  readonly className?: string;
  readonly query: Pick<UseQueryResult<Data>, "data" | "error" | "refetch">;
  /** What stands there until the first answer, in the final layout. */
  readonly bones: ReactNode;
  readonly children: (data: Data) => ReactNode;
}) => {
  const id = useId();
  const { data, error, refetch } = query;
  return (
    <section
      className={`region ${className ?? ""}`}
      aria-labelledby={id}
      aria-busy={data === undefined && error === null}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span className="quiet">{note}</span>}
        {end !== undefined && <span className="end">{end}</span>}
      </header>
      {error !== null && data === undefined && <Problem error={error} retry={() => void refetch()} />}
      {data === undefined ? error === null && <div className="bones">{bones}</div> : children(data)}
      {footer !== undefined && data !== undefined && <footer>{footer}</footer>}
    </section>
  );
};
