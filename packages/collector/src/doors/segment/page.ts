import { MAX_ID_LENGTH, MAX_TEXT_LENGTH, type PageContext } from '@turnout/schema';
import { cutText } from '../../clean.ts';
import { defined } from '../../defined.ts';
import { type JsonObject, objectIn } from '../../read-json.ts';

const long = (value: unknown) => cut(value, MAX_TEXT_LENGTH);
const short = (value: unknown) => cut(value, MAX_ID_LENGTH);

/**
 * The page of a message, or undefined when it names none: `context.page`, `context.campaign` and `context.locale`,
 * and of a `page` call its properties first.
 */
export function pageOf(context: JsonObject, own: JsonObject = {}): PageContext | undefined {
  const page = objectIn(context.page);
  const campaign = objectIn(context.campaign);
  const found: PageContext = defined({
    page_url: long(own.url ?? page.url),
    page_path: long(own.path ?? page.path),
    referrer: long(own.referrer ?? page.referrer),
    title: long(own.title ?? page.title),
    utm_source: short(campaign.source),
    utm_medium: short(campaign.medium),
    utm_campaign: short(campaign.name),
    utm_term: short(campaign.term),
    utm_content: short(campaign.content),
    language: short(context.locale),
  });
  return Object.keys(found).length > 0 ? found : undefined;
}

function cut(value: unknown, length: number): string | undefined {
  return typeof value === 'string' && value !== '' ? cutText(value, length) : undefined;
}
