using Fairlead.Server.Commands;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Fairlead.Server.Operations;

/// <summary>
/// Export of spans and metrics over OTLP, only where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set; the other standard <c>OTEL_*</c> variables are read by
/// the exporter itself. Spans and tags carry no keys, prompts or completions (docs/operations/running.md).
/// </summary>
internal sealed class Telemetry : IHostedService, IDisposable
{
    /// <summary>The standard variable that switches the export on.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Ours = "Fairlead.*";
    private readonly TracerProvider traces;
    private readonly MeterProvider metrics;

    private Telemetry()
    {
        var version = typeof(Telemetry).Assembly.GetName().Version?.ToString(3);
        var resource = ResourceBuilder.CreateDefault().AddService("fairlead", serviceVersion: version).AddEnvironmentVariableDetector();
        traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Ours).AddOtlpExporter().Build();
        metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Ours).AddOtlpExporter().Build();
    }

    /// <summary>Registers the export where it is asked for.</summary>
    public static void AddWhereAsked(IServiceCollection services, ProcessEnvironment environment)
    {
        if (environment.Get(Endpoint) is not null)
            services.AddHostedService(_ => new Telemetry());
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends what is still here; at most two seconds, the collector may be gone.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(() =>
    {
        traces.Shutdown(1000);
        metrics.Shutdown(1000);
    }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        traces.Dispose();
        metrics.Dispose();
    }
}
