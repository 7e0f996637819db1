import posthog from 'posthog-js';
import { endpoint } from './endpoint.ts';

posthog.init('phc_bench', {
  api_host: endpoint,
  autocapture: false,
  capture_pageview: false,
  capture_pageleave: false,
  disable_session_recording: true,
  disable_surveys: true,
  disable_external_dependency_loading: true,
  advanced_disable_flags: true,
  // Or else it drops what a headless browser does.
  opt_out_useragent_filter: true,
});

Object.assign(globalThis, { track: (n: number) => posthog.capture('numbered', { bench_n: n }) });
