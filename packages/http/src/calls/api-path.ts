/** A path below the API's root, its ids encoded. Each engine has its own way of making one, so that an id can never leave its segment. */
export interface ApiPath {
  readonly text: string;
  /** The same with `{}` for each id: safe as a metric label. */
  readonly template: string;
}
