"""Local HTTP emulators of the vendors, on loopback only: for rehearsals, demos and the proof of the client."""
