// The tarscli program: it reads its arguments and runs the command they name.
return 0;
