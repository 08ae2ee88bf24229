using System.Collections.Immutable;
using Tars.Bundle.Wasm;

namespace Tars.Devices.Wasi.Calls;

/// <summary>The vocabulary of WASI preview 1: all its calls, each in one row.</summary>
/// <remarks>docs/wasi.md is printed from this table. To change what a call does, go to its body.</remarks>
internal static class CallTable
{
    /// <summary>The module that commands import the calls from.</summary>
    public const string ModuleName = "wasi_snapshot_preview1";

    public static ImmutableArray<CallRow> Rows { get; } =
    [
        Row("args_get", "ii", "", "The arguments, each ending in NUL.", StringCalls.ArgsGet),
        Row("args_sizes_get", "ii", "", "How many arguments, and their octets in all.", StringCalls.ArgsSizesGet),
        Row("environ_get", "ii", "", "The environment, `NAME=VALUE` each.", StringCalls.EnvironGet),
        Row("environ_sizes_get", "ii", "", "The same, counted.", StringCalls.EnvironSizesGet),
        Row("clock_res_get", "ii", "", "How fine a clock is.", ClockCalls.ClockResGet),
        Row("clock_time_get", "iIi", "", "What a clock shows.", ClockCalls.ClockTimeGet),
        Row("fd_advise", "iIIi", "fd_advise", "Says how a file will be used; nothing is made of it.", FdCalls.Advise),
        Row("fd_allocate", "iII", "fd_allocate", "Makes room in a file.", FdCalls.Allocate),
        Row("fd_close", "i", "", "Closes a file or folder.", FdCalls.Close),
        Row("fd_datasync", "i", "fd_datasync", "Writes out the content of a file.", FdCalls.Datasync),
        Row("fd_fdstat_get", "ii", "", "What is open, and its rights.", FdCalls.FdstatGet),
        Row("fd_fdstat_set_flags", "ii", "fd_fdstat_set_flags", "Changes `append` and `nonblock`.", FdCalls.SetFlags),
        Row("fd_fdstat_set_rights", "iII", "", "Gives rights up; never adds one.", FdCalls.SetRights),
        Row("fd_filestat_get", "ii", "fd_filestat_get", "Type, size, times and identity.", FdCalls.FilestatGet),
        Row("fd_filestat_set_size", "iI", "fd_filestat_set_size", "Cuts or lengthens a file.", FdCalls.SetSize),
        Row("fd_filestat_set_times", "iIIi", "fd_filestat_set_times", "Sets times.", FdCalls.SetTimes),
        Row("fd_pread", "iiiIi", "fd_read, fd_seek", "Reads at an offset.", TransferCalls.Pread),
        Row("fd_prestat_get", "ii", "", "How long the name of a granted folder is.", FdCalls.PrestatGet),
        Row("fd_prestat_dir_name", "iii", "", "The name of a granted folder.", FdCalls.PrestatDirName),
        Row("fd_pwrite", "iiiIi", "fd_write, fd_seek", "Writes at an offset.", TransferCalls.Pwrite),
        Row("fd_read", "iiii", "fd_read", "Reads on.", TransferCalls.Read),
        Row("fd_readdir", "iiiIi", "fd_readdir", "Lists a folder, by octets of the names.", TransferCalls.Readdir),
        Row("fd_renumber", "ii", "", "Moves a file to another number, which is closed.", FdCalls.Renumber),
        Row("fd_seek", "iIii", "fd_seek, or fd_tell to ask", "Moves the position.", FdCalls.Seek),
        Row("fd_sync", "i", "fd_sync", "Writes out a file or folder.", FdCalls.Sync),
        Row("fd_tell", "ii", "fd_tell", "Answers the position.", FdCalls.Tell),
        Row("fd_write", "iiii", "fd_write", "Writes on.", TransferCalls.Write),
        Row("path_create_directory", "iii", "path_create_directory", "Makes a folder.", PathCalls.CreateDirectory),
        Row("path_filestat_get", "iiiii", "path_filestat_get", "As `fd_filestat_get`.", PathCalls.FilestatGet),
        Row("path_filestat_set_times", "iiiiIIi", "path_filestat_set_times", "Sets times.", PathCalls.SetTimes),
        Row("path_link", "iiiiiii", "path_link_source; path_link_target", "Another name for a file.", PathCalls.Link),
        Row(
            "path_open",
            "iiiiiIIii",
            "path_open; path_create_file to create, path_filestat_set_size to truncate",
            "Opens a file or folder. It gets no right that the folder does not hand on.",
            PathCalls.Open),
        Row("path_readlink", "iiiiii", "path_readlink", "What a symbolic link says.", PathCalls.Readlink),
        Row("path_remove_directory", "iii", "path_remove_directory", "Removes an empty folder.", PathCalls.Remove),
        Row("path_rename", "iiiiii", "path_rename_source; path_rename_target", "Renames and moves.", PathCalls.Rename),
        Row("path_symlink", "iiiii", "path_symlink", "Makes a relative symbolic link.", PathCalls.Symlink),
        Row("path_unlink_file", "iii", "path_unlink_file", "Removes a name that is no folder.", PathCalls.UnlinkFile),
        Row("poll_oneoff", "iiii", "poll_fd_readwrite", "Waits for a clock; files are always ready.", PollCalls.Oneoff),
        new("proc_exit", new FuncType([ValType.I32], []), "", "Ends the command with a status.", null),
        Row("proc_raise", "i", "", "There are no signals: `nosys`.", SystemCalls.Raise),
        Row("sched_yield", "", "", "Goes on.", SystemCalls.Yield),
        Row("random_get", "ii", "", "Random octets.", SystemCalls.RandomGet),
        Row("sock_accept", "iii", "", "There are no sockets: `notsock`.", SystemCalls.NoSocket),
        Row("sock_recv", "iiiiii", "", "The same.", SystemCalls.NoSocket),
        Row("sock_send", "iiiii", "", "The same.", SystemCalls.NoSocket),
        Row("sock_shutdown", "ii", "", "The same.", SystemCalls.NoSocket),
    ];

    // Parameters by letter: i is an i32, I an i64. Every call but proc_exit answers an errno.
    private static CallRow Row(string name, string parameters, string rights, string meaning, CallBody body)
    {
        var types = parameters.Select(letter => letter == 'i' ? ValType.I32 : ValType.I64);
        return new CallRow(name, new FuncType([.. types], [ValType.I32]), rights, meaning, body);
    }
}
