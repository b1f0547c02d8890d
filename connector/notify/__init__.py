"""Telling people: a message goes to channels, each of which delivers it or says why not. Who is told what: `revops`."""
