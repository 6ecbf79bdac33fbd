"""The site as a folder of files: results of one run, to be read from a USB stick without a server and without a network."""
