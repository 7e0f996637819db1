import { useFunnel } from '@turnout/react';
import { type Concert, entityOf } from '../data/concerts.ts';

const STEPS = ['impression', 'click', 'view_details', 'interest', 'ticket_click'] as const;

/** The way from seeing a concert to having tickets. A purchase completes it. Each concert has a way of its own. */
export const useTicketFunnel = (concert: Concert) =>
  useFunnel('ticket', { entity: entityOf(concert), steps: STEPS });
