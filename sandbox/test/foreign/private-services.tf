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

resource "google_compute_network" "net" {
  name                    = "net"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "sub" {
  name          = "sub"
  ip_cidr_range = "10.0.0.0/20"
  network       = google_compute_network.net.id
}

resource "google_compute_global_address" "range" {
  name          = "range"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 16
  network       = google_compute_network.net.id
}

resource "google_service_networking_connection" "peer" {
  network                 = google_compute_network.net.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.range.name]
}

resource "google_sql_database_instance" "db" {
  name                = "db"
  database_version    = "POSTGRES_16"
  deletion_protection = false
  settings {
    tier = "db-f1-micro"
    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.net.id
    }
  }
  depends_on = [google_service_networking_connection.peer]
}

resource "google_sql_database" "app" {
  name     = "app"
  instance = google_sql_database_instance.db.name
}

resource "google_sql_user" "app" {
  name     = "app"
  instance = google_sql_database_instance.db.name
  password = "hush"
}

resource "google_container_cluster" "gke" {
  name                     = "gke"
  location                 = "europe-west1"
  network                  = google_compute_network.net.id
  subnetwork               = google_compute_subnetwork.sub.id
  remove_default_node_pool = true
  initial_node_count       = 1
  deletion_protection      = false
  workload_identity_config { workload_pool = "demo-project.svc.id.goog" }
}

resource "google_container_node_pool" "pool" {
  name       = "pool"
  cluster    = google_container_cluster.gke.name
  location   = "europe-west1"
  node_count = 1
  node_config {
    machine_type = "e2-standard-4"
    spot         = true
  }
}

resource "google_compute_instance_template" "t" {
  name_prefix  = "t-"
  machine_type = "e2-small"
  disk {
    source_image = data.google_compute_image.debian.self_link
    boot         = true
  }
  network_interface { subnetwork = google_compute_subnetwork.sub.id }
  lifecycle { create_before_destroy = true }
}

resource "google_compute_route" "r" {
  name             = "r"
  dest_range       = "10.9.0.0/16"
  network          = google_compute_network.net.name
  next_hop_gateway = "default-internet-gateway"
}

data "google_compute_image" "debian" {
  family  = "debian-12"
  project = "debian-cloud"
}
