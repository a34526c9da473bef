using System.Net;
using NotifyOrleans.Grains.Placement;

namespace NotifyOrleans.Grains.Tests.Placement;

public class LocalGrainDirectoryTests
{
    private static readonly SiloAddress Silo = SiloAddress.New(IPAddress.Loopback, 11111, 1);

    private readonly LocalGrainDirectory _directory = new();

    [Fact]
    public async Task Register_GrainThatIsNowhere_IsFound()
    {
        var address = NewAddress("alice");

        Assert.Equal(address, await _directory.Register(address));

        Assert.Equal(address, await _directory.Lookup(address.GrainId));
        Assert.Null(await _directory.Lookup(NewAddress("bob").GrainId));
    }

    [Fact]
    public async Task Register_GrainThatIsThere_IsToldWhere()
    {
        var first = NewAddress("alice");
        await _directory.Register(first);

        Assert.Equal(first, await _directory.Register(NewAddress("alice")));

        Assert.Equal(first, await _directory.Lookup(first.GrainId));
    }

    [Fact]
    public async Task Register_InPlaceOfTheOneThatIsThere_IsFound()
    {
        var (first, second) = (NewAddress("alice"), NewAddress("alice"));
        await _directory.Register(first);

        Assert.Equal(second, await _directory.Register(second, first));

        Assert.Equal(second, await _directory.Lookup(first.GrainId));
    }

    [Fact]
    public async Task Unregister_OnlyItself()
    {
        var (first, second) = (NewAddress("alice"), NewAddress("alice"));
        await _directory.Register(second);

        await _directory.Unregister(first);
        Assert.Equal(second, await _directory.Lookup(second.GrainId));

        await _directory.Unregister(second);
        Assert.Null(await _directory.Lookup(second.GrainId));
    }

    private static GrainAddress NewAddress(string user) =>
        new()
        {
            GrainId = GrainId.Create("user", user),
            ActivationId = ActivationId.NewId(),
            SiloAddress = Silo,
        };
}
