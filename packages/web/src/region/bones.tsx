const WIDTHS = [62, 48, 71, 55, 66, 43, 58, 74, 50, 61];

/** Rows of a list that is not there yet. They fade in late, so that a quick answer never flickers. */
export const RowBones = ({ rows }: { readonly rows: number }) => (
  <ul className="row-bones" aria-hidden="true">
    {Array.from({ length: rows }, (_, row) => (
      <li key={row}>
        <span className="bone" style={{ width: `${WIDTHS[row % WIDTHS.length]}%` }} />
      </li>
    ))}
  </ul>
);
