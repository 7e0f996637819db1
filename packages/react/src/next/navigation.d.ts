/**
 * What is used of Next.js. It is the app's own: an optional peer, too large to install for two functions.
 */
declare module 'next/navigation' {
  export function usePathname(): string | null;
  export function useSearchParams(): { toString(): string } | null;
}
