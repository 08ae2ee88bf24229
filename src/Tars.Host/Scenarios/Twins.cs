using System.Globalization;
using System.Text;
using Tars.Base;
using Tars.Bundle.Schema;
using Tars.Devices.Host;
using Tars.Kernel.Ports;
using Tars.Lang.Checking;
using Block = Tars.Devices.Block;
using Directory = Tars.Devices.Directory;
using Fetch = Tars.Devices.Fetch;
using Http = Tars.Devices.Http;
using Model = Tars.Devices.Model;
using Query = Tars.Devices.Query;
using Random = Tars.Devices.Random;
using Store = Tars.Devices.Store;
using Tcp = Tars.Devices.Tcp;
using Udp = Tars.Devices.Udp;

namespace Tars.Host.Scenarios;

/// <summary>Makes the twin of a device as a scenario describes it. To add a kind: an arm in <see cref="Make"/>.
/// </summary>
internal static class Twins
{
    private const int SectorsDefault = 2_048;

    private static readonly CheckedTwin _plain = new("", Sectors: null, TornAfter: null, Fails: "", [], [], []);

    /// <summary>Null for a kind that is not asked, or that has no twin.</summary>
    public static IAskedDevice? Make(DeviceImage device, CheckedTwin? wanted, ulong seed)
    {
        var twin = wanted ?? _plain;
        int kind = BuiltInTypes.FailureKind.Cases.ToList().FindIndex(one => one.Name == twin.Fails);
        if (0 <= kind)
        {
            return new FailingDevice((AskFailure)kind);
        }

        return device.Kind.Name switch
        {
            Store.Device.Kind => new Store.Simulated(),
            Block.Device.Kind => new Block.Simulated(twin.Sectors ?? SectorsDefault, twin.TornAfter),
            Directory.Device.Kind => new Directory.Simulated(twin.Files),
            Random.Device.Kind => new Random.Simulated(XxHash64.Of(Encoding.UTF8.GetBytes(device.FullName), seed)),
            Tcp.Device.Kind => new Tcp.Simulated(),
            Udp.Device.Kind => new Udp.Simulated(),
            Fetch.Device.Kind => new Fetch.Simulated(new Dictionary<string, string>(twin.AnswersByArgument)),
            Http.Device.Kind => new Http.Simulated(new Dictionary<string, string>(twin.AnswersByArgument)),
            Query.Device.Kind => new Query.Simulated(twin.AnswersByArgument.ToDictionary(
                one => one.Key, one => Number(one.Value))),
            Model.Device.Kind => new Model.Simulated(
                [.. twin.AnswersInTurn.Select(one => (Func<SchemaType, ReadOnlyMemory<byte>>)(type =>
                    Encoding.UTF8.GetBytes(DataJson.Of(one, type))))]),
            _ => null,
        };
    }

    // The checker has read it as a literal already, in which digits may be grouped.
    private static double Number(string literal) => double.TryParse(
        literal.Replace("_", "", StringComparison.Ordinal),
        NumberStyles.Float,
        CultureInfo.InvariantCulture,
        out double number) ? number : double.NaN;
}
