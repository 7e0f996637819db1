-- Atomic by name: the embedded engine's default database is of another kind.
CREATE DATABASE IF NOT EXISTS turnout
ENGINE = Atomic
COMMENT 'What fans do on live-music and event sites: raw interactions, rollups, and the views analysts read.';
