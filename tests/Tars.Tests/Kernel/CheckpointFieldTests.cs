using System.Reflection;
using System.Text;
using Tars.Kernel;
using Tars.Kernel.Caps;
using Tars.Kernel.Effects;
using Tars.Kernel.Ipc;
using Tars.Kernel.Journal;
using Tars.Kernel.Operating;
using Tars.Kernel.Processes;
using Tars.Kernel.Scheduling;
using Tars.Kernel.Sharding;
using Tars.Kernel.Supervision;
using Tars.Kernel.Swapping;
using Tars.Kernel.Timers;
using Tars.Tests.Support;
using Xunit;

namespace Tars.Tests.Kernel;

/// <summary>
/// All that a kernel holds is in the golden file. Who adds a field blesses it, and that is the moment to ask whether a
/// checkpoint has to hold it too: then it needs a line in Save and one in Load of its part.
/// </summary>
public sealed class CheckpointFieldTests
{
    private static readonly Type[] _parts =
    [
        typeof(Tars.Kernel.Kernel), typeof(KernelState), typeof(Process), typeof(PendingAsk), typeof(HandlerCounts),
        typeof(Mail), typeof(Mailbox), typeof(CapTable), typeof(TimerEntry), typeof(TimerHeap), typeof(TimerService),
        typeof(Asks), typeof(OutsideAsks), typeof(FaultyLink), typeof(Delivery), typeof(Router), typeof(Births),
        typeof(Supervisor), typeof(Exits), typeof(DeadLetterBox), typeof(Denials), typeof(ParamReturns),
        typeof(CallTrace), typeof(MetricStore), typeof(EffectApplier), typeof(Saving), typeof(Swaps),
        typeof(Derivations), typeof(Derivation), typeof(WarmProcesses), typeof(WarmRing), typeof(RecentEvents),
        typeof(Scheduler), typeof(TurnRecord), typeof(FairQueue), typeof(ModuleQueue), typeof(PolicyProcess),
        typeof(Watchdog), typeof(Shards), typeof(Departures),
        typeof(Arrivals), typeof(Probes), typeof(Moves), typeof(SwapsElsewhere), typeof(Waits), typeof(Lending),
        typeof(Bound),
    ];

    [Fact]
    public void Every_field_of_a_kernel_was_looked_at_by_whoever_knows_checkpoints()
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            text.Append(part.Name).Append('\n');
            var fields = part.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Select(field => field.Name.Trim('<').Split('>')[0])
                .Where(name => name is not ("state" or "_state"))
                .Order(StringComparer.Ordinal);
            foreach (string field in fields)
            {
                text.Append("  ").Append(field).Append('\n');
            }
        }

        Golden.CheckWhole(Golden.Path("kernel/checkpoint-fields.txt"), text.ToString());
    }
}
