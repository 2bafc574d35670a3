/* Makes a failing history small: leaves out what it fails without. */
#pragma once

#include "tests/sim/full.h"

/*
 * Actions are left out by halves, quarters, ... single ones, as long as some property still breaks
 * (delta debugging). skips has n_actions places and is filled; setting_out plays the small history,
 * for as long as skips lives. Returns how many actions are left.
 */
size_t shrink(const struct full_setting *setting, bool *skips, struct full_setting *setting_out);
