/** What an archive has of a month, and the files that it is cut into. */
import type { Database } from '@turnout/schema/migrate';
import { inMonth } from './archive-months.ts';

/**
 * What clears after 90 days does not go into an archive, where nothing would clear it; nor do columns that are
 * only of use to the collector.
 */
const LEFT_OUT = ['user_id', 'visitor_id', 'session_id', 'page_url', 'props', 'batch', 'batch_id'];
/** Columns that stay when what they were computed from clears. */
const COMPUTED = ['session_key', 'result_count', 'click_id', 'media', 'quartile', 'variant_share'];

/** One file: some days of a month, or a share of the rows of one day. */
export interface Piece {
  /** The file, without its folder: `interactions-2026-01.parquet`, or with `.part-0002` where a month takes several. */
  name: string;
  month: string;
  /** What selects its rows among those of the month. */
  condition: string;
}

/**
 * An embedded engine hands out 256 MB in memory at once, and works a minute for them. Less than half of it, because
 * rows of one day may be larger than others.
 */
const BYTES_PER_FILE = 100_000_000;
const MOST_ROWS_PER_FILE = 200_000;

/** A month as one file: where the database writes it by itself, nothing bounds it. */
export function wholeMonth(month: string): Piece {
  return { name: `interactions-${month}.parquet`, month, condition: '1' };
}

/**
 * Cuts a month into files. Days stay together while they fit: a row that raw holds twice is in one piece. Every day is in
 * one of them, those without rows too: a row that comes after the cut is not left out.
 */
export async function piecesOf(
  database: Pick<Database, 'query'>,
  month: string,
  mostRows = MOST_ROWS_PER_FILE,
): Promise<Piece[]> {
  const ofMonth = inMonth(month);
  const [sizes] = await database.query<{ row: string }>(
    `SELECT toString(sum(data_uncompressed_bytes) / sum(rows)) AS row FROM system.parts
     WHERE database = 'turnout' AND table LIKE 'interactions%' AND active AND partition = '${month.replace('-', '')}'`,
  );
  // Of a part that was just merged away there is no size; on a cluster this asks one shard.
  const rowsPerFile = Math.max(
    1,
    Math.min(mostRows, Math.floor(BYTES_PER_FILE / (Number(sizes?.row) || 500))),
  );
  const days = await database.query<{ day: string; rows: string }>(
    `SELECT toString(id_day) AS day, toString(count()) AS rows FROM turnout.interactions
     WHERE ${ofMonth} GROUP BY id_day ORDER BY id_day`,
  );
  const conditions: string[] = [];
  let [after, rows] = ['', 0];
  for (const [index, { day, rows: own }] of days.entries()) {
    rows += Number(own);
    const next = days[index + 1];
    if (next && rows + Number(next.rows) <= rowsPerFile) continue;
    const shares = Math.ceil(rows / rowsPerFile);
    const span = [after && `id_day > '${after}'`, next && `id_day <= '${day}'`].filter(Boolean);
    for (let share = 0; share < shares; share += 1) {
      const ofShare = shares === 1 ? [] : [`cityHash64(id) % ${shares} = ${share}`];
      conditions.push([...span, ...ofShare].join(' AND ') || '1');
    }
    [after, rows] = [day, 0];
  }
  if (conditions.length === 1) return [wholeMonth(month)];
  return conditions.map((condition, index) => ({
    name: `interactions-${month}.part-${String(index + 1).padStart(4, '0')}.parquet`,
    month,
    condition,
  }));
}

/** The rows of a piece. FINAL: an interaction that raw holds twice happened once. */
export const selectPiece = ({ month, condition }: Piece) =>
  `SELECT * EXCEPT (${LEFT_OUT.join(', ')}), ${COMPUTED.join(', ')} FROM turnout.interactions FINAL
    WHERE ${inMonth(month)} AND ${condition} ORDER BY site_id, id_day, type, user_key, id`;
