import { migrate } from '@turnout/schema/migrate';
import { Session } from 'chdb';

/** The embedded engine in this process, so that its CPU is this process's. */
export interface Engine {
  command(sql: string): Promise<void>;
  query<Row>(sql: string): Promise<Row[]>;
  columnsOf(table: string): Promise<string>;
  close(): void;
}

/**
 * Opens an engine with all tables and views.
 * @param directory - Where its data is and stays. Without it the engine is empty, and leaves nothing.
 */
export async function openEngine(directory?: string): Promise<Engine> {
  const session = new Session(directory, {
    connectionArgs: ['--output_format_json_quote_64bit_integers=1'],
  });
  const engine: Engine = {
    async command(sql) {
      await session.queryAsync(sql);
    },
    async query<Row>(sql: string, parameters: Record<string, unknown> = {}) {
      const answer = await session.queryBindAsync(sql, parameters, { format: 'JSONEachRow' });
      const lines = answer.text().split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
    },
    async columnsOf(table) {
      const columns = await this.query<{ name: string }>(`DESCRIBE TABLE ${table}`);
      return columns.map(({ name }) => name).join(', ');
    },
    close() {
      session.close();
    },
  };
  await migrate(engine);
  return engine;
}
