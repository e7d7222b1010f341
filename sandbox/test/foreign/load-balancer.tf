terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}
provider "google" {
  project = "demo-project"
  region  = "europe-west1"
  zone    = "europe-west1-b"
}

resource "google_compute_health_check" "h" {
  name = "h"
  tcp_health_check { port = 80 }
}

resource "google_compute_backend_service" "bs" {
  name          = "bs"
  health_checks = [google_compute_health_check.h.id]
}

resource "google_compute_url_map" "um" {
  name            = "um"
  default_service = google_compute_backend_service.bs.id
}

resource "google_compute_managed_ssl_certificate" "c" {
  name = "c"
  managed { domains = ["example.com"] }
}

resource "google_compute_target_https_proxy" "p" {
  name             = "p"
  url_map          = google_compute_url_map.um.id
  ssl_certificates = [google_compute_managed_ssl_certificate.c.id]
}

resource "google_compute_global_forwarding_rule" "f" {
  name       = "f"
  target     = google_compute_target_https_proxy.p.id
  port_range = "443"
}
