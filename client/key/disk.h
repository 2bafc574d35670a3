/* Is the disk of a folder encrypted below the file system, as far as Linux knows? */
#pragma once

#include <stdbool.h>

/*
 * False: not known to be. A device of dm-crypt is (LUKS and its like; not what only proves content), and one
 * that stands on such devices alone, as a logical volume does. sys: where sysfs is, "/sys".
 */
bool disk_is_encrypted(const char *sys, unsigned major, unsigned minor);
bool disk_of_folder_is_encrypted(const char *folder);
