using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Bundle.Wasm;
using Tars.Kernel.Ports;

namespace Tars.Host.Moving;

/// <summary>Which engine runs which module of a run, and where an operator has them go over to another.</summary>
/// <remarks>Any thread may ask; guests go over on the threads that call them.</remarks>
/// <param name="over">Cancelled when the run is over: nobody wants then what is still being compiled.</param>
internal sealed class EngineDesk(IEngine first, CancellationToken over = default)
{
    private readonly Lock _gate = new();

    // Held while modules are compiled, which takes long: who only asks does not wait for that.
    private readonly Lock _moving = new();
    private readonly List<Row> _rows = [];
    private IEngine _engine = first;

    /// <summary>Cancelled when the run is over. An engine that guests go to compiles no longer than that.</summary>
    public CancellationToken Over => over;

    /// <summary>What new versions are loaded with.</summary>
    public IEngine Engine
    {
        get
        {
            lock (_gate)
            {
                return _engine;
            }
        }
    }

    /// <summary>For each module the engine that it is on, in the order in which they were loaded. Of a module with two
    /// versions both.</summary>
    public ImmutableArray<ModuleEngine> Rows
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _rows.Select(row => new ModuleEngine(
                        row.Module, row.Code.Engine, row.IsIsolated, row.Code.WhyStays)),
                ];
            }
        }
    }

    /// <summary>The code of a module for an engine: `auto` begins elsewhere unless nothing else will do.</summary>
    public static EngineLoad Load(IEngine engine, ValidatedModule valid, bool isIsolated) =>
        isIsolated && engine is IFloorEngine split ? split.LoadIsolated(valid) : engine.Load(valid);

    /// <summary>Code that can go over from now on, in the place of the code that cannot.</summary>
    /// <param name="code">As <paramref name="engine"/> made it.</param>
    /// <param name="isIsolated">Whether nothing less than a machine of its own will do.</param>
    public IGuestCode Add(string module, ValidatedModule valid, IGuestCode code, IEngine engine, bool isIsolated)
    {
        var movable = new MovableCode(code, NameOf(engine));
        lock (_gate)
        {
            _rows.RemoveAll(row => row.Code.IsDisposed); // Versions that were tried and let go, or replaced.
            _rows.Add(new Row(module, valid, movable, isIsolated));
        }

        return movable;
    }

    /// <summary>Has all modules go over.</summary>
    /// <returns>Why none of them does; empty when all do.</returns>
    public ImmutableArray<string> MoveTo(IEngine engine)
    {
        lock (_moving)
        {
            var reasons = new List<string>();
            var codes = new List<(MovableCode Code, IGuestCode To)>();
            foreach (var row in Current())
            {
                if (row.IsIsolated && engine.Isolation < IsolationFloor.MicroVm)
                {
                    reasons.Add($"{row.Module}: it is to have a machine of its own, which {engine.Name} does not give");
                }
                else if (Load(engine, row.Valid, row.IsIsolated) is EngineLoad.Loaded { Code: var code })
                {
                    codes.Add((row.Code, code));
                }
                else
                {
                    reasons.Add($"{row.Module}: the engine {engine.Name} refuses it");
                }
            }

            foreach (var (code, to) in codes)
            {
                if (reasons.Count == 0)
                {
                    code.MoveTo(to, NameOf(engine));
                }
                else
                {
                    to.Dispose();
                }
            }

            if (reasons.Count == 0)
            {
                lock (_gate)
                {
                    _engine = engine;
                }
            }

            return [.. reasons];
        }
    }

    // A module that nothing else will do for is on the better one from the beginning.
    private static string NameOf(IEngine engine) => engine is TieredEngine tiered ? tiered.Names.Better : engine.Name;

    private Row[] Current()
    {
        lock (_gate)
        {
            _rows.RemoveAll(row => row.Code.IsDisposed);
            return [.. _rows];
        }
    }

    private sealed record Row(string Module, ValidatedModule Valid, MovableCode Code, bool IsIsolated);
}
