"""Benches: each module measures one promise against a control, in one interleaved run."""
