import { type Training, type TrainProgress, train as trainModels } from '@turnout/schema/train';
import { defineCommand } from 'citty';
import { readConfig } from '../config.ts';
import { findRunning, type RunFile } from '../run-file.ts';
import { askCollector } from './ask-collector.ts';
import { dataDirArgument } from './settings.ts';
import { withDatabase } from './with-database.ts';

export const train = defineCommand({
  meta: {
    name: 'train',
    description: 'Fit purchase_probability for each site, and publish it where it beats the formula',
  },
  args: {
    days: {
      type: 'string',
      description: 'It tells the chance of a purchase within so many days',
      default: '7',
    },
    ...dataDirArgument,
  },
  run: async ({ args }) => {
    if (!/^([1-9]|[1-8]\d|90)$/.test(args.days)) {
      throw new Error(`--days must be a whole number from 1 to 90, but it is ${JSON.stringify(args.days)}.`);
    }
    const { dataDir } = readConfig({ dataDir: args['data-dir'] }, process.env);
    const running = await findRunning(dataDir);
    const trainings = running
      ? await askTrainings(running, args.days)
      : await withDatabase(
          args['data-dir'],
          (database) => trainModels(database, { horizonDays: Number(args.days), onProgress: showProgress }),
          { mustExist: true },
        );
    process.stdout.write(
      trainings.length === 0 ? 'Nobody came before the days to test on: nothing to learn from.\n' : '',
    );
    for (const training of trainings) process.stdout.write(report(training));
  },
});

function showProgress({ step, done, total }: TrainProgress): void {
  process.stderr.write(`${step}: ${done + 1} of ${total}\n`);
}

async function askTrainings(run: RunFile, days: string): Promise<Training[]> {
  const path = `/v1/admin/train?days=${days}`;
  return (await askCollector<TrainProgress, { trainings: Training[] }>(run, path, showProgress)).trainings;
}

const three = (figure: number) => figure.toFixed(3);

function report(training: Training): string {
  const { site_id, verdict, people, purchasers, calibration } = training;
  const lines = [
    `${site_id}: ${verdict}.`,
    `  tested on ${people} people, ${purchasers} of whom purchased`,
    `  AUC ${three(training.auc)} (formula ${three(training.formula_auc)}), PR-AUC ${three(training.pr_auc)}`,
    `  Brier ${training.brier.toFixed(5)} (base rate ${training.base_brier.toFixed(5)}, formula ${training.formula_brier.toFixed(5)})`,
    ...calibration.map(
      ({ decile, predicted, observed }) =>
        `  tenth ${String(decile).padStart(2)}: predicted ${three(predicted)}, observed ${three(observed)}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
