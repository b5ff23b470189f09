/** What a list is asked for by clients that count pages, and by those that follow a cursor. */
export interface PagedOptions {
  readonly page: number;
  readonly limit: number;
  readonly after?: string;
  readonly offset?: number;
}

/** A cursor goes before a page: who has one goes on from there. */
export const pagedOptions = ({
  page = 1,
  page_size: limit,
  cursor,
}: {
  readonly page?: number | undefined;
  readonly page_size: number;
  readonly cursor?: string | undefined;
}): PagedOptions => {
  if (cursor !== undefined) return { page, limit, after: cursor };
  return page === 1 ? { page, limit } : { page, limit, offset: (page - 1) * limit };
};
