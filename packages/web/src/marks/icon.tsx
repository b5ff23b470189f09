/** A picture of ours by name; always beside a word, or on a control that has a label. */
export const Icon = ({ name }: { readonly name: string }) => (
  <i className="icon" aria-hidden="true" style={{ "--icon": `var(--icon-${name})` } as React.CSSProperties} />
);
