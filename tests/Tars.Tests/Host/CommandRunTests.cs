using System.Text;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Devices.Wasi;
using Tars.Devices.Wasi.Linux;
using Tars.Host;
using Tars.Host.Commands;
using Tars.Kernel.Ports;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Host;

/// <summary>Plain WebAssembly modules as the host runs them: the samples, on every engine and beside Node.</summary>
public sealed class CommandRunTests
{
    private const string Input = "a line\nand another\n";

    private static readonly string[] _others = ["oracle", "microvm"];
    private static readonly string[] _engines = ["cil", .. _others];

    // What Node's own WASI does otherwise is no part of this: its paths are made shorter before they are walked, so
    // links upwards are refused. tests/golden/cli/wasm.txt shows our answers to those.
    private const string OnNode =
        """
        import { WASI } from 'node:wasi';
        import fs from 'node:fs';
        const [module, folder, ...args] = process.argv.slice(1);
        const wasi = new WASI({ version: 'preview1', args, env: { K: 'V' }, preopens: { '/g': folder } });
        const { instance } = await WebAssembly.instantiate(fs.readFileSync(module), wasi.getImportObject());
        process.exitCode = wasi.start(instance);
        """;

    public static IEnumerable<TheoryDataRow<string>> Parts =>
    [
        new("strings one two"), new("files"), new("folders"), new("links"), new("clocks"), new("input"),
        new("exit 0"), new("exit 7"), new("unknown"),
    ];

    public static IEnumerable<TheoryDataRow<string, string>> PartsOnEngines =>
        from engine in _others
        from row in Parts
        select new TheoryDataRow<string, string>(engine, row.Data);

    [Theory]
    [MemberData(nameof(PartsOnEngines))]
    public void Every_engine_does_the_same_in_memory(string engine, string words)
    {
        Need(engine);
        Assert.Equal(RunInMemory("cil", words), RunInMemory(engine, words));
    }

    public static IEnumerable<TheoryDataRow<string, string, string, string>> Functions =>
        from engine in _engines
        from call in new[]
        {
            ("count", "1000", "168"), ("greatest", "0x64", "97"), ("mean", "10", "4.25"), ("count", "-1", "0"),
        }
        select new TheoryDataRow<string, string, string, string>(engine, call.Item1, call.Item2, call.Item3);

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_folder_of_the_machine_and_its_twin_answer_alike(string words)
    {
        Assert.SkipUnless(LibC.IsHere, "folders of the machine are granted on 64-bit Linux only");
        string folder = Directory.CreateTempSubdirectory("tars-probe-").FullName;
        var onDisk = Run(Options("cil", words) with { Folders = [Grant(folder)], VirtualTime = true }, Input);
        Directory.Delete(folder, recursive: true);
        var inMemory = RunInMemory("cil", words);
        Assert.Equal((inMemory.Output, inMemory.Errors), (onDisk.Output, onDisk.Errors));
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void Node_does_the_same(string words)
    {
        Assert.SkipUnless(LibC.IsHere, "folders of the machine are granted on 64-bit Linux only");
        string theirs = Directory.CreateTempSubdirectory("tars-node-").FullName;
        string ours = Directory.CreateTempSubdirectory("tars-ours-").FullName;
        string[] script = ["--no-warnings", "--input-type=module", "-e", OnNode, "--"];
        var node = Tool.Run("node", [.. script, Sample("probe"), theirs, "probe", .. words.Split(' ')], Input);
        var end = Run(Options("cil", words) with { Folders = [Grant(ours)] }, Input);

        Assert.Equal((node.Output, node.Errors), (end.Output, end.Errors));
        Assert.Equal(node.Status, (int)Assert.IsType<CommandOutcome.Exited>(end.Outcome).Status);
        Assert.Equal(Tree(theirs), Tree(ours));
        Directory.Delete(theirs, recursive: true);
        Directory.Delete(ours, recursive: true);
    }

    // A damaged program is refused or does what it does, on every engine the same, and never more than it was given.
    // Each of them is compiled anew, which takes micro-VMs a second: they get fewer of a smaller one.
    [Theory]
    [InlineData(1, "oracle", "probe", 25)]
    [InlineData(2, "oracle", "probe", 25)]
    [InlineData(3, "microvm", "primes", 8)]
    public void Damaged_programs_end_alike_on_every_engine(int seed, string engine, string program, int turns)
    {
        Need(engine);
        var random = new Xoshiro256((ulong)seed);
        byte[] sound = File.ReadAllBytes(Sample(program));
        for (int turn = 0; turn < turns; turn++)
        {
            byte[] damaged = [.. sound];
            for (int count = random.Next(4); 0 <= count; count--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            Assert.Equal($"turn {turn}: {RunDamaged("cil", damaged)}", $"turn {turn}: {RunDamaged(engine, damaged)}");
        }
    }

    [Fact]
    public void The_samples_are_what_their_sources_become()
    {
        string built = Directory.CreateTempSubdirectory("tars-built-").FullName;
        _ = Tool.Run("clang-19", ["--version"]);
        var (status, output, errors) = Tool.Run("sh", [RepoRoot.File("samples/wasi/build.sh"), built]);
        Assert.SkipWhen(errors.Contains(".h' file not found", StringComparison.Ordinal), "wasi-libc is not installed");
        Assert.SkipWhen(errors.Contains("wasm-ld", StringComparison.Ordinal), "lld-19 is not installed");
        Assert.SkipWhen(errors.Contains("libclang_rt", StringComparison.Ordinal), "its runtime is not installed");
        Assert.Equal((0, ""), (status, output + errors));
        foreach (var file in Directory.EnumerateFiles(built, "*.wasm"))
        {
            var options = Options("cil", "files") with { Folders = [Grant(null)] };
            var anew = Run(options, Input, file);
            var committed = Run(options, Input, Sample(Path.GetFileNameWithoutExtension(file)));
            Assert.Equal((committed.Output, committed.Errors), (anew.Output, anew.Errors));
        }

        Directory.Delete(built, recursive: true);
    }

    // Whatever it would do once its wait is over, it does not do it.
    [Theory]
    [InlineData("cil")]
    [InlineData("oracle")]
    [InlineData("microvm")]
    public void A_command_that_waits_is_over_at_its_deadline(string engine)
    {
        Need(engine);
        var module = Sleeper();
        var options = new CommandOptions { Engine = engine, Timeout = 50_000_000 };
        var outcome = CommandRun.Run(module, options, new CommandStreams(Stream.Null, Stream.Null, Stream.Null));
        Assert.Equal(FaultKind.Deadline, Assert.IsType<CommandOutcome.Faulted>(outcome).Fault.Kind);
    }

    [Theory]
    [InlineData("cil")]
    [InlineData("oracle")]
    [InlineData("microvm")]
    public void A_loop_without_end_is_over_at_its_deadline(string engine)
    {
        Need(engine);
        var builder = new ModuleBuilder();
        builder.Memory(new WasmRange(1, 1));

        // It does something: of a loop that does nothing LLVM finds out at once that it ends when its fuel does.
        var loop = new CodeWriter().Loop(BlockType.Empty)
            .I32Const(0).I32Const(0).Store(Opcode.I32Store).Br(0).End().End();
        builder.Export("_start", builder.Func(builder.Type([], []), [], loop));
        var options = new CommandOptions { Engine = engine, Timeout = 300_000_000 };
        var streams = new CommandStreams(Stream.Null, Stream.Null, Stream.Null);
        var outcome = CommandRun.Run(ModuleEncoder.Encode(builder.Build()), options, streams);
        Assert.Equal(FaultKind.Deadline, Assert.IsType<CommandOutcome.Faulted>(outcome).Fault.Kind);
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_of_a_module_can_be_called(string engine, string name, string argument, string result)
    {
        Need(engine);
        var options = new CommandOptions { Engine = engine, Invoke = name, InvokeArguments = [argument] };
        var end = Run(options, "", Sample("primes"));
        Assert.Equal([result], Assert.IsType<CommandOutcome.Returned>(end.Outcome).Results);
    }

    [Theory]
    [InlineData("oracle")]
    [InlineData("microvm")]
    public void A_function_that_is_imported_and_exported_again_is_called(string engine)
    {
        Need(engine);
        var builder = new ModuleBuilder();
        var yield = builder.ImportFunc("wasi_snapshot_preview1", "sched_yield", builder.Type([], [ValType.I32]));
        builder.Export("again", yield);
        byte[] module = ModuleEncoder.Encode(builder.Build());
        var streams = new CommandStreams(Stream.Null, Stream.Null, Stream.Null);
        var ends = new[] { "cil", engine }.Select(one =>
            CommandRun.Run(module, new CommandOptions { Engine = one, Invoke = "again" }, streams)).ToList();
        Assert.Equal(["0"], Assert.IsType<CommandOutcome.Returned>(ends[1]).Results);
        Assert.Equal(
            Assert.IsType<CommandOutcome.Returned>(ends[0]).Costs, ((CommandOutcome.Returned)ends[1]).Costs);
    }

    // In its host's hands a command is in no machine that could be stopped.
    [Fact]
    public void A_loop_of_calls_of_the_host_is_over_at_its_deadline_in_a_machine_too()
    {
        Need("microvm");
        var builder = new ModuleBuilder();
        var yield = builder.ImportFunc("wasi_snapshot_preview1", "sched_yield", builder.Type([], [ValType.I32]));
        var loop = new CodeWriter().Loop(BlockType.Empty).Call(yield).Op(Opcode.Drop).Br(0).End().End();
        builder.Export("_start", builder.Func(builder.Type([], []), [], loop));
        var options = new CommandOptions { Engine = "microvm", Timeout = 300_000_000 };
        var streams = new CommandStreams(Stream.Null, Stream.Null, Stream.Null);
        var faulted = Assert.IsType<CommandOutcome.Faulted>(
            CommandRun.Run(ModuleEncoder.Encode(builder.Build()), options, streams));
        Assert.Equal(FaultKind.Deadline, faulted.Fault.Kind);
    }

    // 2^62 ns is a hundred years and more.
    private static byte[] Sleeper()
    {
        var builder = new ModuleBuilder();
        var poll = builder.ImportFunc(
            "wasi_snapshot_preview1",
            "poll_oneoff",
            builder.Type([ValType.I32, ValType.I32, ValType.I32, ValType.I32], [ValType.I32]));
        builder.Export("memory", builder.Memory(new WasmRange(1, 1)));
        var code = new CodeWriter()
            .I32Const(24).I64Const(1L << 62).Store(Opcode.I64Store)
            .I32Const(16).I32Const(1).Store(Opcode.I32Store)
            .I32Const(0).I32Const(64).I32Const(1).I32Const(128).Call(poll).Op(Opcode.Drop).End();
        builder.Export("_start", builder.Func(builder.Type([], []), [], code));
        return ModuleEncoder.Encode(builder.Build());
    }

    private static void Need(string engine) =>
        Assert.SkipWhen(Compose.CommandEngine(engine) is null, Compose.WhyNot(engine));

    private static CommandOptions Options(string engine, string words) => new()
    {
        Engine = engine,
        Arguments = ["probe", .. words.Split(' ')],
        Environment = ["K=V"],
        Seed = 1,
        Timeout = 60_000_000_000,
    };

    private static FolderGrant Grant(string? folder) => new(folder, "/g", FolderAccess.ReadWrite);

    private static End RunInMemory(string engine, string words) => Run(
        Options(engine, words) with { Folders = [Grant(null)], VirtualTime = true }, Input);

    private static End Run(CommandOptions options, string input, string? module = null)
    {
        using var output = new MemoryStream();
        using var errors = new MemoryStream();
        var streams = new CommandStreams(new MemoryStream(Encoding.UTF8.GetBytes(input)), output, errors);
        var outcome = CommandRun.Run(File.ReadAllBytes(module ?? Sample("probe")), options, streams);
        return new End(outcome, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(errors.ToArray()));
    }

    private static string RunDamaged(string engine, byte[] module)
    {
        using var output = new MemoryStream();
        var options = Options(engine, "files") with
        {
            Folders = [Grant(null)],
            VirtualTime = true,
            Fuel = 3_000_000,
            MemoryBytesMax = 1 << 24,
        };
        var outcome = CommandRun.Run(module, options, new CommandStreams(Stream.Null, output, output));
        return $"{outcome} {Convert.ToHexString(output.ToArray())}";
    }

    private static string Sample(string name) => RepoRoot.File($"samples/wasi/{name}.wasm");

    private static string Tree(string folder) => string.Join('\n', new DirectoryInfo(folder)
        .EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .Select(one => $"{Path.GetRelativePath(folder, one.FullName)} {one.LinkTarget}{Content(one)}")
        .Order(StringComparer.Ordinal));

    private static string Content(FileSystemInfo one) =>
        one is FileInfo { LinkTarget: null } file ? File.ReadAllText(file.FullName) : "";

    private sealed record End(CommandOutcome Outcome, string Output, string Errors);
}
